using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Essaim.Server.Web;

/// <summary>A part of a page, by the id of its element, that is written anew where its key has changed: all that it shows, as text.</summary>
internal sealed record LivePart(string Id, string Key, Type Component, Dictionary<string, object?> Parameters)
{
    public static LivePart Of<T>(string id, string key, object? parameters = null)
        where T : IComponent => new(id, key, typeof(T), PageResult.ToDictionary(parameters));
}

/// <summary>Sends the parts of a page as they change: four times a second at most, and only those that did. A new connection begins with all of them.</summary>
internal sealed class LiveStream(IHttpContextAccessor accessor, DeviceBoard board, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan s_atMost = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_beat = TimeSpan.FromSeconds(3);

    public async Task RunAsync(Func<CancellationToken, Task<IReadOnlyList<LivePart>>> read, CancellationToken cancellationToken)
    {
        HttpContext context = accessor.HttpContext!;
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        Dictionary<string, string> sent = [];
        try
        {
            await WriteAsync(context.Response, Event("hello", AssetFiles.Version), stop.Token);
            while (true)
            {
                Task changed = board.ChangedAsync();
                string news = await RenderAsync(context.RequestServices, await read(stop.Token), sent);
                await WriteAsync(context.Response, (news.Length > 0 ? Event(null, news) : "") + Beat(), stop.Token);
                await Task.Delay(s_atMost, time, stop.Token);
                while (await Task.WhenAny(changed, Task.Delay(s_beat, time, stop.Token)) != changed)
                {
                    stop.Token.ThrowIfCancellationRequested();
                    await WriteAsync(context.Response, Beat(), stop.Token);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The stream just ends; the page comes back.
        }
    }

    private static async Task<string> RenderAsync(IServiceProvider services, IReadOnlyList<LivePart> parts, Dictionary<string, string> sent)
    {
        StringBuilder news = new();
        foreach (LivePart part in parts)
        {
            if (sent.TryGetValue(part.Id, out string? key) && key == part.Key)
                continue;
            sent[part.Id] = part.Key;
            news.Append(CultureInfo.InvariantCulture, $"<hx-partial hx-target=\"#{part.Id}\" hx-swap=\"outerMorph\">{await PageResult.RenderAsync(services, part.Component, part.Parameters)}</hx-partial>");
        }

        return news.ToString();
    }

    /// <summary>Says that the link stands, and what time it is here.</summary>
    private string Beat() => Event("beat", time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));

    private static string Event(string? name, string data) =>
        $"{(name is null ? "" : $"event: {name}\n")}data: {data.ReplaceLineEndings("\n").Replace("\n", "\ndata: ", StringComparison.Ordinal)}\n\n";

    private static async Task WriteAsync(HttpResponse response, string text, CancellationToken cancellationToken)
    {
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
