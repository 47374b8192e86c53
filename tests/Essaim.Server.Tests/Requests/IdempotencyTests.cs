using System.Globalization;
using System.Net;
using Essaim.Storage;
using Essaim.Storage.Sqlite;

namespace Essaim.Server.Tests;

public sealed class IdempotencyTests : IAsyncLifetime
{
    private ServerHarness _core = null!;

    public async ValueTask InitializeAsync() => _core = await ServerHarness.StartAsync();

    public ValueTask DisposeAsync() => _core.DisposeAsync();

    [Fact]
    public async Task Submit_SameKeySameBody_SameAnswerAndOneTask()
    {
        Answer first = await _core.PostAsync("/v1/tasks", """{"name": "t"}""", "k1");
        Answer second = await _core.PostAsync("/v1/tasks", """{"name": "t"}""", "k1");

        Assert.Equal(HttpStatusCode.Accepted, second.Status);
        Assert.Equal(first.Text, second.Text);
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal("true", Assert.Single(second.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal(1, await ReadyAsync());
    }

    [Fact]
    public async Task Submit_SameKeyAfterRestart_SameAnswer()
    {
        Answer first = await _core.PostAsync("/v1/tasks", """{"name": "t"}""", "k1");
        await _core.RestartAsync();

        Assert.Equal(first.Text, (await _core.PostAsync("/v1/tasks", """{"name": "t"}""", "k1")).Text);
        Assert.Equal(1, await ReadyAsync());
    }

    [Fact]
    public async Task Submit_SameKeyOtherBody_IsRefused()
    {
        await _core.PostAsync("/v1/tasks", """{"name": "t"}""", "k1");

        (await _core.PostAsync("/v1/tasks", """{"name": "u"}""", "k1")).IsProblem(
            422,
            "ESS5031",
            "Idempotency key reused",
            "The Idempotency-Key 'k1' was used with another request. Use a new key for each request, and the same key only to repeat the very same one.");
        Assert.Equal(1, await ReadyAsync());
    }

    [Fact]
    public async Task Submit_ManyAtOnceWithOneKey_OneTaskAndOneAnswer()
    {
        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => _core.PostAsync("/v1/tasks", """{"name": "t"}""", "k1")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Accepted, answer.Status));
        Assert.Single(answers.Select(answer => answer.Text).Distinct());
        Assert.Equal(39, answers.Count(answer => answer.Headers.Contains("Idempotency-Replayed")));
        Assert.Equal(1, await ReadyAsync());
    }

    [Fact]
    public async Task Submit_ManyKeysAtOnce_EachHasItsTask()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => _core.PostAsync("/v1/tasks", """{"name": "t"}""", i.ToString(CultureInfo.InvariantCulture))));

        Assert.Equal(40, await ReadyAsync());
    }

    [Fact]
    public async Task Batch_SameKey_SameAnswer()
    {
        const string body = """{"tasks": [{"name": "a"}, {"name": "b"}]}""";
        Answer first = await _core.PostAsync("/v1/tasks/batch", body, "k1");

        Assert.Equal(first.Text, (await _core.PostAsync("/v1/tasks/batch", body, "k1")).Text);
        Assert.Equal(2, await ReadyAsync());
    }

    [Fact]
    public async Task Submit_RefusedRequest_LeavesItsKeyFree()
    {
        Assert.Equal("ESS5011", (await _core.PostAsync("/v1/tasks", """{"nam": "t"}""", "k1")).Code);
        await _core.SubmitAsync("""{"name": "t", "id": "taken"}""");
        Assert.Equal("ESS5022", (await _core.PostAsync("/v1/tasks", """{"name": "t", "id": "taken"}""", "k1")).Code);

        Assert.Equal(HttpStatusCode.Accepted, (await _core.PostAsync("/v1/tasks", """{"name": "t"}""", "k1")).Status);
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("")]
    public async Task Submit_BadKey_IsRefused(string key) => (await _core.PostAsync("/v1/tasks", """{"name": "t"}""", key)).IsProblem(
        400, "ESS5030", "Invalid idempotency key", "The Idempotency-Key must be 1 to 255 printable ASCII characters without spaces, such as a UUID.");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Submit_CoreDiedBeforeAnswering_TheTaskIsMadeOnce(bool hadSent)
    {
        const string body = """{"name": "t"}""";
        await _core.Server.DisposeAsync();
        await using (SqliteMetadataStore store = SqliteMetadataStore.Open(Path.Combine(_core.Folder.FullName, "metadata.db"), TimeProvider.System))
        {
            string hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes("POST /v1/tasks\n" + body)));
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            await store.Requests.ReserveAsync(new RequestReservation("default", "k1", hash, ["the-id"], now, now.AddHours(1)), ServerHarness.Stop);
        }

        await using TaskClient client = new(_core.Backend);
        if (hadSent)
            await client.SendAsync("t", options: new EnqueueOptions { TaskId = "the-id" }, cancellationToken: ServerHarness.Stop);
        await _core.RestartAsync();

        Answer answer = await _core.PostAsync("/v1/tasks", body, "k1");

        Assert.Equal("""{"id":"the-id","name":"t","queue":"celery","created":true}""", answer.Text);
        Assert.Equal(1, await ReadyAsync());
    }

    private async Task<long> ReadyAsync() => (await _core.Backend.Broker.GetQueuesAsync(ServerHarness.Stop)).Sum(queue => queue.Ready);
}
