using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim.Server.Tests;

/// <summary>Files for runs: put through the core, named by the run, refused where they are not there.</summary>
public sealed class FunctionFilesTests : IAsyncLifetime
{
    private const string Plate = "from pathlib import Path\ndef main(mesh: Path, factor: float = 1.0):\n    return len(mesh.read_text())\n";
    private ServerHarness _core = null!;

    public async ValueTask InitializeAsync()
    {
        FunctionPushTests.SkipWithoutSandbox();
        _core = await ServerHarness.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_core is not null)
            await _core.DisposeAsync();
    }

    [Fact]
    public async Task Put_AFile_IsNamedByItsContentAndKept()
    {
        byte[] content = RandomNumberGenerator.GetBytes(3_000_000);
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(content));

        Answer put = await PutAsync(content);
        Answer again = await PutAsync(content);
        Answer empty = await PutAsync([]);

        Assert.Equal((HttpStatusCode.Created, sha256, 3_000_000), (put.Status, (string)put.Json["sha256"]!, (int)put.Json["size"]!));
        Assert.True((DateTimeOffset)put.Json["expires_at"]! > TimeProvider.System.GetUtcNow().AddHours(23));
        Assert.Equal(sha256, (string)again.Json["sha256"]!);
        Assert.Equal(HttpStatusCode.Created, empty.Status);
        Assert.Equal(content, (await _core.Backend.Blobs.GetAsync(sha256, ServerHarness.Stop))!.Value.ToArray());
    }

    [Fact]
    public async Task Put_WhatIsNoFileOrTooLarge_IsRefused()
    {
        (await PutAsync(new byte[IBlobStore.MostBytes + 1])).IsProblem(
            413, "ESS6041", "File too large", "A file has at most 67,108,864 bytes (64 MiB). Compress it, split it, or put it where the machines can read it.");
        (await _core.PostAsync("/v1/files", "{}")).IsProblem(
            415, "ESS5013", "Not a file", "Send the file itself as the body: curl --data-binary @mesh.inp -H 'Content-Type: application/octet-stream'.");
        _core.Http.DefaultRequestHeaders.Authorization = null;
        Assert.Equal(HttpStatusCode.Unauthorized, (await PutAsync([1])).Status);
    }

    [Fact]
    public async Task Run_WithFiles_IsTheTaskWithThemAndKeepsThem()
    {
        await PushAsync();
        string sha256 = (string)(await PutAsync("1 2 3"u8.ToArray())).Json["sha256"]!;

        Answer run = await _core.PostAsync("/v1/functions/plate/runs", Body(sha256, ", \"collect\": true, \"cache\": true, \"cache_for\": 60, \"limits\": {\"files\": 1000}"));

        Assert.Equal(HttpStatusCode.Accepted, run.Status);
        JsonElement keywords = MessageCodec.ReadBody(MessageCodec.Decode((await _core.ClaimAsync()).Envelope)).Kwargs.Deserialize<JsonElement>();
        Assert.Equal(
            $$"""{"limits":{"files":1000},"files":{"plate.inp":"{{sha256}}"},"collect":true,"cache":true,"cache_for":60}""",
            JsonSerializer.Serialize(keywords.EnumerateObject().Where(field => field.Name is not ("function" or "texts")).ToDictionary(field => field.Name, field => field.Value)));
        Answer plain = await _core.PostAsync("/v1/functions/plate/runs", Body(sha256, ", \"collect\": false"));
        Assert.Equal(HttpStatusCode.Accepted, plain.Status);
        Assert.DoesNotContain("collect", MessageCodec.ReadBody(MessageCodec.Decode((await _core.ClaimAsync()).Envelope)).Kwargs.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_FilesThatAreWrongOrGone_IsRefusedBeforeItIsQueued()
    {
        string version = await PushAsync();
        string sha256 = (string)(await PutAsync("1 2 3"u8.ToArray())).Json["sha256"]!;

        // The schema wants a file of the run.
        Answer misfit = await _core.PostAsync("/v1/functions/plate/runs", """{"texts": {"mesh": "plate.inp"}}""");
        Assert.Equal((422, "ESS6026", "$.texts.mesh"), ((int)misfit.Status, misfit.Code, (string)misfit.Json["errors"]![0]!["path"]!));
        (await _core.PostAsync("/v1/functions/plate/runs", """{"texts": {"mesh": "a"}, "files": {"../a": "00", "params.json": "00", "a": "zz", "b": 3}, "cache_for": 0, "collect": "yes"}""")).IsProblem(
            422, "ESS5011", "Invalid request", "The request has 7 mistakes; nothing was done.",
            ("$.files", "'../a' is not a name of a file: 1 to 200 characters, no /, and not params.json"),
            ("$.files", "'params.json' is not a name of a file: 1 to 200 characters, no /, and not params.json"),
            ("$.files.a", "must be the sha256 that POST /v1/files answered: 64 lower-case hexadecimal digits"),
            ("$.files.b", "must be the sha256 that POST /v1/files answered: 64 lower-case hexadecimal digits"),
            ("$.collect", "must be true or false, not a text"),
            ("$.cache_for", "must be from 1 to 320000000 seconds, not 0"),
            ("$.texts.mesh", (string)misfit.Json["errors"]![0]!["message"]!.GetValue<string>().Replace("plate.inp", "a", StringComparison.Ordinal)));
        await _core.Backend.Blobs.RemoveAsync(sha256, ServerHarness.Stop);
        (await _core.PostAsync("/v1/functions/plate/runs", Body(sha256))).IsProblem(
            422, "ESS6044", "A file is not there", $"plate@{version} was not run: a file is not in the broker.",
            ("$.files.plate.inp", "is not in the broker, or not any more: POST it to /v1/files and send this again"));
        Assert.Empty((await _core.GetAsync("/v1/queues")).Json["queues"]!.AsArray());
    }

    private static string Body(string sha256, string more = "") => $$"""{"texts": {"mesh": "plate.inp"}, "files": {"plate.inp": "{{sha256}}"}{{more}}}""";

    private async Task<string> PushAsync() => (string)(await _core.PostAsync("/v1/functions", JsonSerializer.Serialize(new { name = "plate", source = Plate }))).Json["version"]!;

    private async Task<Answer> PutAsync(byte[] content)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/files") { Content = new ByteArrayContent(content) };
        // As curl does: what is too large is refused before it is sent.
        request.Headers.ExpectContinue = true;
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return await _core.SendAsync(request);
    }
}
