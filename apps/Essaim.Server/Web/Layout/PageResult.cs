using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Essaim.Server.Web;

/// <summary>Answers with a component, written once as HTML.</summary>
internal sealed class PageResult(Type component, Dictionary<string, object?> parameters, int status) : IResult
{
    // Everything comes from here, and nothing stands in the page itself.
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static PageResult Of<T>(object? parameters = null, int status = 200)
        where T : IComponent => new(typeof(T), ToDictionary(parameters), status);

    public async Task ExecuteAsync(HttpContext context)
    {
        string html = await RenderAsync(context.RequestServices, component, parameters);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        IHeaderDictionary headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = Policy;
        headers["Referrer-Policy"] = "same-origin";
        headers.XContentTypeOptions = "nosniff";
        headers.Vary = "Cookie, HX-Request";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(html), context.RequestAborted);
    }

    /// <summary>Writes components, each alone.</summary>
    public static async Task<string> RenderAsync(IServiceProvider services, Type component, Dictionary<string, object?> parameters)
    {
        await using HtmlRenderer renderer = new(services, services.GetRequiredService<ILoggerFactory>());
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync(component, ParameterView.FromDictionary(parameters))).ToHtmlString());
    }

    public static Dictionary<string, object?> ToDictionary(object? parameters) =>
        parameters?.GetType().GetProperties().ToDictionary(property => property.Name, property => property.GetValue(parameters)) ?? [];
}
