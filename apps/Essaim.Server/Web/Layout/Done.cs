using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Essaim.Server.Web;

/// <summary>Ends a form that was done: a script shows the notice and goes on, a browser without one is sent on.</summary>
internal static class Done
{
    public static IResult With(HttpContext context, Visit visit, string then, string notice)
    {
        if (!visit.IsPart)
            return new SeeOther(then);
        context.Response.Headers["HX-Trigger"] = JsonSerializer.Serialize(new Dictionary<string, object> { ["essaim:done"] = new { then, notice } });
        return TypedResults.NoContent();
    }

    /// <summary>An address within these pages; <c>/edge</c> for everything else.</summary>
    public static string Local(string? address) => address is not null && RedirectHttpResult.IsLocalUrl(address) && address[0] == '/' ? address : "/edge";

    /// <summary>After a form, whatever the method was, a page is fetched.</summary>
    internal sealed class SeeOther(string address) : IResult
    {
        public Task ExecuteAsync(HttpContext context)
        {
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = address;
            return Task.CompletedTask;
        }
    }
}
