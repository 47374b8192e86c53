using System.Net;
using Microsoft.AspNetCore.Http;

namespace Essaim.Server;

/// <summary>
/// Refuses requests whose <c>Host</c> is not a name of this machine's loopback: a web page of somebody's own domain that
/// resolves to 127.0.0.1 must not reach the core through a visitor's browser (DNS rebinding).
/// </summary>
internal sealed class HostGuard(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        string host = context.Request.Host.Host;
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address)))
            return next(context);
        return Problem.Of(
            421, "ESS5016", "Wrong host", $"This core answers on loopback only, not as '{host}'. Use http://127.0.0.1 or http://localhost with its port.").ExecuteAsync(context);
    }
}
