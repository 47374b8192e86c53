using System.Net;
using System.Net.Http.Json;
using System.Net.Http.Headers;
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
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        try
        {
            using HttpRequestMessage request = new(method, path);
            if (body is not null)
                request.Content = JsonContent.Create(body, options: EssaimJson.Options);
            using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NoContent)
                return default;
            using JsonDocument answer = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
            return response.IsSuccessStatusCode ? answer.RootElement.Clone() : throw Refused(response.StatusCode, answer.RootElement);
        }
        catch (Exception error) when (error is HttpRequestException or JsonException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new AppException("ESS4015", $"The core at {_http.BaseAddress} does not answer ({error.Message}). Was it killed? Start it again with 'essaim up'.", inner: error);
        }
    }

    public void Dispose() => _http.Dispose();

    private static AppException Refused(HttpStatusCode status, JsonElement problem)
    {
        string detail = problem.TryGetProperty("detail", out JsonElement text) ? text.GetString() ?? "" : status.ToString();
        if (problem.TryGetProperty("errors", out JsonElement errors))
            detail += string.Concat(errors.EnumerateArray().Select(error => $" {error.GetProperty("path").GetString()}: {error.GetProperty("message").GetString()}."));
        string code = problem.TryGetProperty("code", out JsonElement known) ? known.GetString()! : "ESS4016";
        return new AppException(code, detail, status == HttpStatusCode.NotFound ? ExitCodes.NotFound : ExitCodes.Unusable);
    }
}
