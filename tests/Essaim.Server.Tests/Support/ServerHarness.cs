using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Essaim.Protocol;
using Essaim.Sqlite;

namespace Essaim.Server.Tests;

/// <summary>A real core on a free loopback port with real files in a folder of its own.</summary>
internal sealed class ServerHarness : IAsyncDisposable
{
    private Action<ServerOptions>? _configure;
    private EssaimServer? _server;

    private ServerHarness(Action<ServerOptions>? configure, IBackend? backend)
    {
        _configure = configure;
        Backend = backend ?? SqliteBackend.Open(Path.Combine(Folder.FullName, "broker.db"), TimeProvider.System);
    }

    public DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("essaim-server-");

    public IBackend Backend { get; private set; }

    public HttpClient Http { get; private set; } = new();

    public EssaimServer Server => _server!;

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<ServerHarness> StartAsync(Action<ServerOptions>? configure = null, IBackend? backend = null)
    {
        ServerHarness harness = new(configure, backend);
        await harness.StartServerAsync();
        return harness;
    }

    /// <summary>The same core, started anew; with other options where they are given.</summary>
    public async Task RestartAsync(Action<ServerOptions>? configure = null)
    {
        _configure = configure ?? _configure;
        await Server.DisposeAsync();
        await StartServerAsync();
    }

    /// <summary>As if the broker's file had been removed and made anew.</summary>
    public async Task ReplaceBackendAsync(IBackend backend)
    {
        await Server.DisposeAsync();
        await Backend.DisposeAsync();
        Backend = backend;
        await StartServerAsync();
    }

    public async Task<Answer> GetAsync(string path) => await SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public async Task<Answer> DeleteAsync(string path) => await SendAsync(new HttpRequestMessage(HttpMethod.Delete, path));

    public async Task<Answer> PostAsync(string path, string? json = null, string? idempotencyKey = null, string contentType = "application/json")
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path);
        if (json is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(json));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        return await SendAsync(request);
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using HttpResponseMessage response = await Http.SendAsync(request, Stop);
        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(Stop), response.Headers, response.Content.Headers);
    }

    /// <summary>Submits a task and returns its id.</summary>
    public async Task<string> SubmitAsync(string json)
    {
        Answer answer = await PostAsync("/v1/tasks", json);
        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        return (string)answer.Json["id"]!;
    }

    /// <summary>Asks until the answer is as wanted; the test's own time limit bounds it.</summary>
    public async Task<Answer> UntilAsync(string path, Func<Answer, bool> wanted)
    {
        while (true)
        {
            Answer answer = await GetAsync(path);
            if (wanted(answer))
                return answer;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Stop);
        }
    }

    /// <summary>Claims a task as a worker would.</summary>
    public async Task<Delivery> ClaimAsync(string queue = "celery")
    {
        ClaimRequest request = new() { Worker = "w@h", Queues = [new QueueClaim(queue)], Max = 1 };
        return Assert.Single((await Backend.Broker.ClaimAsync(request, Stop)).Deliveries);
    }

    /// <summary>Claims a task and ends it.</summary>
    public async Task EndAsync(TaskState state, string result = "null", string queue = "celery")
    {
        Delivery delivery = await ClaimAsync(queue);
        TaskMessage message = MessageCodec.Decode(delivery.Envelope);
        ResultDocument document = new() { TaskId = message.Id, State = state, Result = RawJson.Parse(result), DateDone = TimeProvider.System.GetUtcNow() };
        Settlement settlement = new()
        {
            Lease = delivery.Lease,
            Action = SettleAction.Complete,
            Results = message.IgnoreResult == true ? [] : [new ResultWrite(message.Id, state, document.Encode(), TimeSpan.FromDays(1))],
            Completion = new Completion(message.Id, message.Task, state, queue, "w@h", TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(1.5), message.Id),
        };
        Assert.Equal([SettleOutcome.Settled], await Backend.Broker.SettleAsync([settlement], Stop));
    }

    /// <summary>Gives a task up, as a worker does after too many deliveries.</summary>
    public async Task KillAsync(string reason)
    {
        Delivery delivery = await ClaimAsync();
        TaskMessage message = MessageCodec.Decode(delivery.Envelope);
        Settlement settlement = new()
        {
            Lease = delivery.Lease,
            Action = SettleAction.DeadLetter,
            Reason = reason,
            Completion = new Completion(message.Id, message.Task, TaskState.Failure, "celery", "w@h", TimeProvider.System.GetUtcNow(), TimeSpan.Zero, message.Id),
        };
        await Backend.Broker.SettleAsync([settlement], Stop);
    }

    public ValueTask AnnounceAsync(string type, string? taskId, string fields = "", string node = "w@h", DateTimeOffset? at = null)
    {
        DateTimeOffset now = at ?? TimeProvider.System.GetUtcNow();
        string uuid = taskId is null ? "" : $",\"uuid\":\"{taskId}\"";
        RawJson body = RawJson.Parse($"{{\"type\":\"{type}\",\"hostname\":\"{node}\",\"pid\":7{uuid}{(fields.Length > 0 ? "," + fields : "")}}}");
        return Backend.Events.PublishAsync([new EventRecord(type, node, taskId, now, body)], Stop);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        await Backend.DisposeAsync();
        Folder.Delete(recursive: true);
    }

    private async Task StartServerAsync()
    {
        ServerOptions options = new() { Url = "http://127.0.0.1:0", DataFolder = Folder.FullName, Backend = Backend };
        _configure?.Invoke(options);
        _server = await EssaimServer.StartAsync(options, Stop);
        Http.Dispose();
        Http = new HttpClient { BaseAddress = new Uri(_server.Url) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(_server.AdminKeyFile, Stop)).Trim());
    }
}

/// <summary>A response, read whole.</summary>
internal sealed record Answer(HttpStatusCode Status, string Text, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string Code => (string)Json["code"]!;

    /// <summary>Asserts a problem document, whole.</summary>
    public void IsProblem(int status, string code, string title, string detail, params (string Path, string Message)[] errors)
    {
        JsonObject expected = new()
        {
            ["type"] = $"urn:essaim:error:{code}",
            ["title"] = title,
            ["status"] = status,
            ["detail"] = detail,
            ["code"] = code,
        };
        if (errors.Length > 0)
            expected["errors"] = new JsonArray([.. errors.Select(error => new JsonObject { ["path"] = error.Path, ["message"] = error.Message })]);
        JsonSerializerOptions plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        Assert.Equal(expected.ToJsonString(plain), Text);
        Assert.Equal(status, (int)Status);
        Assert.Equal("application/problem+json", ContentHeaders.ContentType!.MediaType);
    }
}
