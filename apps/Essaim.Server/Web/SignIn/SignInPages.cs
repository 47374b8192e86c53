using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Essaim.Server.Web;

/// <summary>Signing in with the admin key, and out.</summary>
internal static partial class SignInPages
{
    public static void MapSignIn(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/sign-in", Show);
        pages.MapPost("/sign-in", SignInAsync);
        pages.MapPost("/sign-out", (Delegate)SignOutAsync);
    }

    private static IResult Show(HttpContext context, Visit visit)
    {
        string then = Done.Local(context.Request.Query[Sessions.Then]);
        return visit.IsSignedIn ? new Done.SeeOther(then) : PageResult.Of<SignInPage>(new { Then = then });
    }

    private static async Task<IResult> SignInAsync(HttpContext context, AdminKey key, SignInLimiter limiter, ILogger<SignInLimiter> logger)
    {
        IFormCollection form = await context.Request.ReadFormAsync(context.RequestAborted);
        string then = Done.Local(form[Sessions.Then]);
        if (!limiter.IsOpen)
        {
            context.Response.Headers.RetryAfter = "60";
            return PageResult.Of<SignInPage>(new { Then = then, Mistake = "sign-in.wait" }, 429);
        }

        string given = form["key"].ToString().Trim();
        if (!key.Matches(given))
        {
            limiter.Count();
            LogWrongKey(logger);
            return PageResult.Of<SignInPage>(new { Then = then, Mistake = given.Length == 0 ? "sign-in.empty" : "sign-in.wrong" }, 422);
        }

        await Sessions.BeginAsync(context, key);
        return new Done.SeeOther(then);
    }

    private static async Task<IResult> SignOutAsync(HttpContext context)
    {
        await Sessions.EndAsync(context);
        return new Done.SeeOther("/sign-in");
    }

    [LoggerMessage(5401, LogLevel.Warning, "Somebody tried to sign in to the pages with a wrong key.")]
    private static partial void LogWrongKey(ILogger logger);
}
