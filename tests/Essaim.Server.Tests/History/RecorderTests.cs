using System.Text.Json.Nodes;
using Essaim.Protocol;

namespace Essaim.Server.Tests;

public sealed class RecorderTests
{
    [Fact]
    public async Task Events_WholeLifeOfATaskSentElsewhere_IsRecorded()
    {
        await using ServerHarness core = await ServerHarness.StartAsync();
        await core.AnnounceAsync("task-sent", "t1", "\"name\":\"tasks.add\",\"args\":\"(1,)\",\"kwargs\":\"{}\",\"queue\":\"q\",\"root_id\":\"r\",\"retries\":0", node: "gen1@h");
        await core.AnnounceAsync("task-received", "t1", "\"name\":\"tasks.add\",\"args\":\"(1,)\",\"kwargs\":\"{}\",\"root_id\":\"r\",\"parent_id\":\"p\",\"retries\":1,\"eta\":null");
        await core.AnnounceAsync("task-started", "t1");
        await core.AnnounceAsync("task-progress", "t1", "\"fraction\":0.25,\"text\":\"a quarter\",\"data\":null");
        await core.AnnounceAsync("task-retried", "t1", "\"exception\":\"ValueError('x')\",\"traceback\":\"…\"");

        JsonNode task = (await core.UntilAsync("/v1/tasks/t1", answer => answer.Status == System.Net.HttpStatusCode.OK && (string)answer.Json["state"]! == "RETRY")).Json;
        Assert.Equal("tasks.add", (string)task["name"]!);
        Assert.Equal("q", (string)task["queue"]!);
        Assert.Equal("(1,)", (string)task["args"]!);
        Assert.Equal("w@h", (string)task["worker"]!);
        Assert.Equal("p", (string)task["parent_id"]!);
        Assert.Equal(1, (int)task["retries"]!);
        Assert.Equal("ValueError('x')", (string)task["error"]!);
        Assert.Equal("""{"fraction":0.25,"text":"a quarter"}""", task["progress"]!.ToJsonString());
    }

    [Theory]
    [InlineData("task-succeeded", "\"result\":\"5\",\"runtime\":0.5", "SUCCESS")]
    [InlineData("task-failed", "\"exception\":\"E('x')\"", "FAILURE")]
    [InlineData("task-revoked", "\"terminated\":true,\"expired\":false", "REVOKED")]
    [InlineData("task-rejected", "\"requeue\":false", "REJECTED")]
    [InlineData("task-started", "", "STARTED")]
    public async Task Events_EachState_IsRecorded(string type, string fields, string state)
    {
        await using ServerHarness core = await ServerHarness.StartAsync();
        await core.AnnounceAsync("task-received", "t1", "\"name\":\"t\"");
        await core.AnnounceAsync(type, "t1", fields);
        await core.UntilAsync("/v1/tasks/t1", answer => answer.Status == System.Net.HttpStatusCode.OK && (string)answer.Json["state"]! == state);
    }

    [Fact]
    public async Task Events_UnreadableOne_IsLeftOutAndTheRestRecorded()
    {
        await using ServerHarness core = await ServerHarness.StartAsync();
        await core.Backend.Events.PublishAsync(
            [
                new EventRecord("task-started", "w@h", "bad", TimeProvider.System.GetUtcNow(), new RawJson("{oops"u8.ToArray())),
                new EventRecord("worker-heartbeat", "w@h", null, TimeProvider.System.GetUtcNow(), new RawJson("{oops"u8.ToArray())),
            ],
            ServerHarness.Stop);
        await core.AnnounceAsync("task-received", "good", "\"name\":\"t\"");

        await core.UntilAsync("/v1/tasks/good", answer => answer.Status == System.Net.HttpStatusCode.OK);
        Assert.Equal("ESS5020", (await core.GetAsync("/v1/tasks/bad")).Code);
        Assert.Equal("""{"workers":[]}""", (await core.GetAsync("/v1/workers")).Text);
    }

    [Fact]
    public async Task Completions_WhileTheCoreWasDown_AreRecordedOnce()
    {
        await using ServerHarness core = await ServerHarness.StartAsync(backend: new NamedBackend());
        string[] ids = [await core.SubmitAsync("""{"name": "t"}"""), await core.SubmitAsync("""{"name": "t"}"""), await core.SubmitAsync("""{"name": "t"}""")];
        await core.EndAsync(TaskState.Success);
        await core.UntilAsync($"/v1/tasks/{ids[0]}", answer => (string)answer.Json["state"]! == "SUCCESS");
        await core.Server.DisposeAsync();
        await core.EndAsync(TaskState.Success);
        await core.AnnounceAsync("task-log", ids[2], "\"level\":\"info\",\"line\":\"while down\"");
        await core.EndAsync(TaskState.Success);
        await core.RestartAsync();

        foreach (string id in ids)
        {
            await core.UntilAsync($"/v1/tasks/{id}", answer => (string)answer.Json["state"]! == "SUCCESS");
            using HttpResponseMessage stream = await core.Http.GetAsync($"/v1/tasks/{id}/events", ServerHarness.Stop);
            string text = await stream.Content.ReadAsStringAsync(ServerHarness.Stop);
            Assert.Equal(2, text.Split("SUCCESS").Length - 1);
            Assert.Equal(id == ids[2], text.Contains("while down", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Completions_BrokerReplacedByANewOne_AreReadFromItsBeginning()
    {
        await using ServerHarness core = await ServerHarness.StartAsync(backend: new NamedBackend());
        string[] ids = [await core.SubmitAsync("""{"name": "t"}"""), await core.SubmitAsync("""{"name": "t"}""")];
        await core.EndAsync(TaskState.Success);
        await core.EndAsync(TaskState.Success);
        await core.UntilAsync($"/v1/tasks/{ids[1]}", answer => (string)answer.Json["state"]! == "SUCCESS");
        await core.ReplaceBackendAsync(new NamedBackend());

        string id = await core.SubmitAsync("""{"name": "t"}""");
        await core.EndAsync(TaskState.Success);

        await core.UntilAsync($"/v1/tasks/{id}", answer => (string)answer.Json["state"]! == "SUCCESS");
    }
}
