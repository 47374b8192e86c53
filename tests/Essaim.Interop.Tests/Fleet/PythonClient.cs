using System.Text.Json;
using System.Text.Json.Nodes;

namespace Essaim.Interop.Tests;

/// <summary>Real Celery as a client: one interpreter that runs the lines it is given.</summary>
internal sealed class PythonClient : IAsyncDisposable
{
    private readonly RunningProgram _program;
    private readonly SemaphoreSlim _one = new(1);

    public PythonClient(IReadOnlyDictionary<string, string?> environment) =>
        _program = new RunningProgram(Installed.Python, [Path.Combine(AppContext.BaseDirectory, "Python", "client.py")], environment);

    /// <summary>Runs Python and returns what it leaves in <c>result</c>.</summary>
    public async Task<JsonNode?> RunAsync(string code, params (string Name, object? Value)[] variables)
    {
        JsonObject given = [];
        foreach ((string name, object? value) in variables)
            given[name] = JsonSerializer.SerializeToNode(value);
        await _one.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await _program.Input.WriteLineAsync(new JsonObject { ["code"] = code, ["vars"] = given }.ToJsonString());
            await _program.Input.FlushAsync(TestContext.Current.CancellationToken);
            string? line = await _program.Output.ReadLineAsync(TestContext.Current.CancellationToken);
            JsonNode reply = JsonNode.Parse(line ?? throw new InvalidOperationException($"Python ended:\n{_program.Log}"))!;
            Assert.True(reply["error"] is null, $"Python: {reply["error"]}");
            return reply["value"];
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The same, as text: what Python's <c>json.dumps</c> writes, compactly.</summary>
    public async Task<string> TextAsync(string code, params (string Name, object? Value)[] variables) =>
        Plain(await RunAsync(code, variables));

    public static string Plain(JsonNode? node) => node?.ToJsonString(Readable) ?? "null";

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        _one.Dispose();
    }

    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
