using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Essaim.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Cli;

/// <summary>The page on a slot's own screen: two static files, a stream of what the slot knows, and presses. It works with the link to the core down.</summary>
internal sealed class SlotPage : IAsyncDisposable
{
    private const int LongestText = 64;
    private static readonly TimeSpan s_atLeast = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_atMost = TimeSpan.FromMilliseconds(100);
    private readonly WebApplication _app;

    private SlotPage(WebApplication app) => _app = app;

    /// <summary>Its address, with the port it really has.</summary>
    public string Url { get; private set; } = "";

    /// <exception cref="AppException"><c>ESS4042</c>: the address is taken, or not this machine's.</exception>
    public static async Task<SlotPage> StartAsync(IPEndPoint listen, SlotAgent agent, TimeProvider time, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Essaim.Cli" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 4096;
            kestrel.Listen(listen);
        });
        // What goes wrong at the start is said once, by the error below.
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder.Services.AddLogging();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        WebApplication app = builder.Build();
        SlotPage page = new(app);
        byte[] html = Resource("slot.html");
        byte[] script = Resource("slot.js");
        app.Run(context => page.AnswerAsync(context, agent, time, html, script));
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException error) when (error.InnerException is AddressInUseException || error.GetBaseException() is SocketException)
        {
            await app.DisposeAsync();
            throw new AppException(
                "ESS4042", $"The slot's page cannot listen on {listen} ({error.GetBaseException().Message}). Does a slot run already? Choose another port with --port, or do without the page (--no-page).", inner: error);
        }

        page.Url = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context, SlotAgent agent, TimeProvider time, byte[] html, byte[] script)
    {
        context.Response.Headers.ContentSecurityPolicy = "default-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-cache";
        string request = context.Request.Method + " " + context.Request.Path;
        if (!IsOurName(context.Request.Host.Host))
            await RefuseAsync(context, StatusCodes.Status421MisdirectedRequest, "Ask by address, or by the name of this machine.");
        else if (request == "GET /")
            await SendAsync(context, "text/html; charset=utf-8", html);
        else if (request == "GET /slot.js")
            await SendAsync(context, "text/javascript; charset=utf-8", script);
        else if (request == "GET /status")
            await SendAsync(context, "application/json", JsonSerializer.SerializeToUtf8Bytes(agent.Status(), EdgeJson.Default.SlotStatus));
        else if (request == "GET /events")
            await StreamAsync(context, agent, time);
        else if (request == "POST /press")
            await PressAsync(context, agent);
        else
            await RefuseAsync(context, StatusCodes.Status404NotFound, "There is no such address.");
    }

    /// <summary>A page of elsewhere must not reach a slot under a name of its own.</summary>
    private static bool IsOurName(string host) =>
        IPAddress.TryParse(host.Trim('[', ']'), out _) || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase) || host.Equals(Environment.MachineName + ".local", StringComparison.OrdinalIgnoreCase);

    private static async Task PressAsync(HttpContext context, SlotAgent agent)
    {
        // What a form of another page can send is never JSON.
        if (!context.Request.HasJsonContentType())
        {
            await RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, "Send JSON: {\"choice\": \"…\", \"input\": \"what was touched\"}.");
            return;
        }

        (string? choice, string? input) = (null, null);
        try
        {
            using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
            (choice, input) = (Text(body.RootElement, "choice"), Text(body.RootElement, "input"));
        }
        catch (JsonException)
        {
            // No choice, then.
        }

        (int code, string detail) = (choice is null ? PressOutcome.Unknown : agent.Press(choice, input)) switch
        {
            PressOutcome.Accepted => (StatusCodes.Status202Accepted, ""),
            PressOutcome.Unknown => (StatusCodes.Status422UnprocessableEntity, "There is no such choice."),
            _ => (StatusCodes.Status503ServiceUnavailable, agent.Status().Fault ?? "The vote could not be kept."),
        };
        if (code == StatusCodes.Status202Accepted)
            context.Response.StatusCode = code;
        else
            await RefuseAsync(context, code, detail);
    }

    private static string? Text(JsonElement body, string name) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: <= LongestText } text ? text : null;

    private async Task StreamAsync(HttpContext context, SlotAgent agent, TimeProvider time)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _app.Lifetime.ApplicationStopping);
        context.Response.ContentType = "text/event-stream";
        try
        {
            while (true)
            {
                Task changed = agent.ChangedAsync();
                await context.Response.Body.WriteAsync("data: "u8.ToArray(), end.Token);
                await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(agent.Status(), EdgeJson.Default.SlotStatus), end.Token);
                await context.Response.Body.WriteAsync("\n\n"u8.ToArray(), end.Token);
                await context.Response.Body.FlushAsync(end.Token);
                // Ten pictures a second at most; one a second at least, so that the page knows it is heard.
                await Task.Delay(s_atMost, time, end.Token);
                await changed.WaitAsync(s_atLeast - s_atMost, time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                end.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException)
        {
            // The page was closed, or the slot stops.
        }
    }

    private static async Task SendAsync(HttpContext context, string type, byte[] content)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(content, context.RequestAborted);
    }

    private static async Task RefuseAsync(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        await SendAsync(context, "application/problem+json", JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["status"] = status, ["detail"] = detail }));
    }

    private static byte[] Resource(string name)
    {
        using Stream stream = typeof(SlotPage).Assembly.GetManifestResourceStream(name)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
