using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Essaim.Server.Web;

/// <summary>Who is signed in: a cookie the core has encrypted with a key of its own folder, so that it outlives a restart. Another admin key ends all sessions.</summary>
internal static class Sessions
{
    /// <summary>The parameter that says where a sign-in leads.</summary>
    public const string Then = "then";

    private const string KeyClaim = "key";
    private static readonly TimeSpan s_life = TimeSpan.FromHours(12);

    public static void Configure(CookieAuthenticationOptions options, string cookie)
    {
        options.Cookie.Name = cookie;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Strict;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = s_life;
        options.SlidingExpiration = true;
        options.LoginPath = "/sign-in";
        options.ReturnUrlParameter = Then;
        options.Events.OnRedirectToLogin = context =>
        {
            if (context.Request.Headers.ContainsKey("HX-Request"))
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            else
                // Not the framework's own, which names the host: the core may be behind another one.
                context.Response.Redirect($"/sign-in{QueryString.Create(Then, context.Request.Path + context.Request.QueryString)}");
            return Task.CompletedTask;
        };
        options.Events.OnValidatePrincipal = context =>
        {
            if (context.Principal?.FindFirst(KeyClaim)?.Value != context.HttpContext.RequestServices.GetRequiredService<AdminKey>().Stamp)
                context.RejectPrincipal();
            return Task.CompletedTask;
        };
    }

    public static Task BeginAsync(HttpContext context, AdminKey key)
    {
        ClaimsIdentity identity = new([new Claim(ClaimTypes.Name, EdgeDesk.By), new Claim(KeyClaim, key.Stamp)], CookieAuthenticationDefaults.AuthenticationScheme);
        return context.SignInAsync(new ClaimsPrincipal(identity), new AuthenticationProperties { IsPersistent = true });
    }

    public static Task EndAsync(HttpContext context) => context.SignOutAsync();
}
