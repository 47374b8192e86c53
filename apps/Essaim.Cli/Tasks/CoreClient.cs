using System.Net;
using System.Net.Http.Json;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Essaim.Cli;

/// <summary>Talks to the core of a data folder.</summary>
internal sealed class CoreClient : IDisposable
{
    private readonly HttpClient _http;

    private CoreClient(Uri address, string key)
    {
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <exception cref="AppException"><c>ESS4013</c> no core runs on the folder; <c>ESS4014</c> its key cannot be read.</exception>
    public static CoreClient Open(string data)
    {
        string folder = Path.GetFullPath(data);
        CoreFile core = CoreFile.Read(folder)
            ?? throw new AppException("ESS4013", $"No core runs on the folder '{folder}'. Start it with 'essaim up', or name the folder of a running one with --data.");
        try
        {
            return new CoreClient(new Uri(core.Url), File.ReadAllText(core.AdminKeyFile).Trim());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new AppException("ESS4014", $"The admin key of the core at {core.Url} cannot be read: {error.Message} Run this as the user who started the core.", inner: error);
        }
    }

    /// <summary>Sends a request and reads the answer.</summary>
    /// <exception cref="AppException"><c>ESS4015</c> no answer, or the core's own code where it refused.</exception>
    public Task<JsonElement> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken) => SendAsync(method, path, null, cancellationToken);

    /// <summary>Sends a request with a body and reads the answer; undefined where it has none.</summary>
    /// <exception cref="AppException"><c>ESS4015</c> no answer, or the core's own code where it refused.</exception>
    public Task<JsonElement> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken) =>
        ExchangeAsync(method, path, body is null ? null : JsonContent.Create(body, options: EssaimJson.Options), cancellationToken);

    /// <summary>Sends bytes as they are and reads the answer.</summary>
    /// <exception cref="AppException"><c>ESS4015</c> no answer, or the core's own code where it refused.</exception>
    public Task<JsonElement> UploadAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        ReadOnlyMemoryContent body = new(content);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return ExchangeAsync(HttpMethod.Post, path, body, cancellationToken);
    }

    /// <summary>Follows server-sent events of one address, from after an event.</summary>
    /// <exception cref="AppException"><c>ESS4015</c> no answer, or the core's own code where it refused.</exception>
    /// <exception cref="IOException">The connection ended before the stream did.</exception>
    public async IAsyncEnumerable<CoreEvent> FollowAsync(string path, string? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await OpenStreamAsync(path, after, cancellationToken);
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (SseItem<string> item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
            yield return new CoreEvent(item.EventId, item.EventType, JsonSerializer.Deserialize<JsonElement>(item.Data));
    }

    /// <summary>Fetches bytes as they are.</summary>
    /// <exception cref="AppException"><c>ESS4015</c> no answer, or the core's own code where it refused.</exception>
    public async Task<byte[]> DownloadAsync(string path, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await OpenStreamAsync(path, null, cancellationToken);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> ExchangeAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        try
        {
            using HttpRequestMessage request = new(method, path) { Content = content };
            using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NoContent)
                return default;
            using JsonDocument answer = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
            return response.IsSuccessStatusCode ? answer.RootElement.Clone() : throw Refused(response.StatusCode, answer.RootElement);
        }
        catch (Exception error) when (IsNoAnswer(error, cancellationToken))
        {
            throw Silent(error);
        }
    }

    private async Task<HttpResponseMessage> OpenStreamAsync(string path, string? after, CancellationToken cancellationToken)
    {
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, path);
            if (after is not null)
                request.Headers.Add("Last-Event-ID", after);
            HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.IsSuccessStatusCode)
                return response;
            using JsonDocument answer = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
            throw Refused(response.StatusCode, answer.RootElement);
        }
        catch (Exception error) when (IsNoAnswer(error, cancellationToken))
        {
            throw Silent(error);
        }
    }

    private static bool IsNoAnswer(Exception error, CancellationToken cancellationToken) =>
        error is HttpRequestException or JsonException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private AppException Silent(Exception error) =>
        new("ESS4015", $"The core at {_http.BaseAddress} does not answer ({error.Message}). Was it killed? Start it again with 'essaim up'.", inner: error);

    private static AppException Refused(HttpStatusCode status, JsonElement problem)
    {
        string detail = problem.TryGetProperty("detail", out JsonElement text) ? text.GetString() ?? "" : status.ToString();
        if (problem.TryGetProperty("errors", out JsonElement errors))
            detail += string.Concat(errors.EnumerateArray().Select(error => $"\n  {Place(error.GetProperty("path").GetString()!)}: {error.GetProperty("message").GetString()}"));
        string code = problem.TryGetProperty("code", out JsonElement known) ? known.GetString()! : "ESS4016";
        return new AppException(code, detail, status == HttpStatusCode.NotFound ? ExitCodes.NotFound : RunReport.ExitOf(code));
    }

    /// <summary>Inputs as whoever runs a function gave them.</summary>
    private static string Place(string path) => path.StartsWith("$.inputs.", StringComparison.Ordinal) || path.StartsWith("$.texts.", StringComparison.Ordinal)
        ? $"input '{path[(path.IndexOf('.', 2) + 1)..]}'"
        : path;
}

/// <summary>An event of a stream.</summary>
internal sealed record CoreEvent(string? Id, string Type, JsonElement Data);
