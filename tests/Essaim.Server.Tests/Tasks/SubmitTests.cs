using System.Net;
using System.Text.Json.Nodes;
using Essaim.Protocol;

namespace Essaim.Server.Tests;

public sealed class SubmitTests : IAsyncLifetime
{
    private ServerHarness _core = null!;

    public async ValueTask InitializeAsync() => _core = await ServerHarness.StartAsync(options =>
    {
        options.MaxBodyBytes = 2000;
        options.MaxBatchBodyBytes = 20_000;
        options.MaxBatchTasks = 50;
        options.Routes.Add("mail.*", "mail");
    });

    public ValueTask DisposeAsync() => _core.DisposeAsync();

    [Fact]
    public async Task Submit_NameAlone_IsQueuedAndItsAddressGiven()
    {
        Answer answer = await _core.PostAsync("/v1/tasks", """{"name": "tasks.add"}""");

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        string id = (string)answer.Json["id"]!;
        Assert.Equal($$"""{"id":"{{id}}","name":"tasks.add","queue":"celery","created":true}""", answer.Text);
        Assert.Equal($"/v1/tasks/{id}", answer.Headers.Location!.ToString());
        Assert.Equal(id, (await _core.ClaimAsync()).TaskId);
    }

    [Fact]
    public async Task Submit_EveryOption_ReachesTheMessage()
    {
        await _core.SubmitAsync(
            """
            {"name": "tasks.add", "args": [1, "é", 12345678901234567890], "kwargs": {"b": {"c": null}}, "queue": "q", "priority": 3, "eta": "2020-01-02T03:04:05+01:00",
             "expires": "2999-01-01T00:00:00Z", "retry": {"max_retries": 5, "delay": 2, "back_off": "constant", "jitter": false, "max_delay": 60, "retry_on": ["A"], "do_not_retry_on": ["B"]},
             "time_limit": 60, "soft_time_limit": 50.5, "ignore_result": true, "unique_key": "u", "unique_for": 60, "headers": {"x-user": {"n": 1}}, "id": "my-id"}
            """);

        TaskMessage message = MessageCodec.Decode((await _core.ClaimAsync("q")).Envelope);
        TaskBody body = MessageCodec.ReadBody(message);
        Assert.Equal("my-id", message.Id);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""[1,"é",12345678901234567890]"""), JsonNode.Parse(body.Args.ToString())), body.Args.ToString());
        Assert.Equal("""{"b":{"c":null}}""", body.Kwargs.ToString().Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(3, message.Priority);
        Assert.Equal(new DateTimeOffset(2020, 1, 2, 2, 4, 5, TimeSpan.Zero), message.Eta);
        Assert.Equal(new DateTimeOffset(2999, 1, 1, 0, 0, 0, TimeSpan.Zero), message.Expires);
        Assert.Equal(new TimeLimits(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(50.5)), message.TimeLimits);
        Assert.True(message.IgnoreResult);
        Assert.Equal("""{"n":1}""", message.Headers["x-user"].ToString().Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Submit_RouteFitsTheName_GoesToItsQueue() =>
        Assert.Equal("mail", (string)(await _core.PostAsync("/v1/tasks", """{"name": "mail.send"}""")).Json["queue"]!);

    [Fact]
    public async Task Submit_Countdown_Waits()
    {
        string id = await _core.SubmitAsync("""{"name": "tasks.add", "countdown": 3600}""");

        JsonNode task = (await _core.GetAsync($"/v1/tasks/{id}")).Json;
        Assert.Equal("delayed", (string)task["message"]!["place"]!);
        Assert.NotNull(task["eta"]);
    }

    [Fact]
    public async Task Submit_ManyMistakes_AllAreListed()
    {
        Answer answer = await _core.PostAsync(
            "/v1/tasks",
            """
            {"args": {}, "kwargs": [], "queue": "", "priority": 10, "countdown": -1, "eta": "soon", "expires": true, "retry": {"max_retries": 1.5, "back_off": "linear", "tries": 3, "retry_on": ["A", 1]},
             "time_limit": 0, "soft_time_limit": "x", "ignore_result": "yes", "unique_for": 60, "headers": 1, "id": "a\nb", "prioritty": 1}
            """);

        answer.IsProblem(
            422,
            "ESS5011",
            "Invalid request",
            "The request has 19 mistakes; nothing was done.",
            ("$.name", "is required"),
            ("$.args", "must be a list, not an object"),
            ("$.kwargs", "must be an object, not a list"),
            ("$.queue", "must not be empty"),
            ("$.priority", "must be a whole number from 0 to 9, not 10"),
            ("$.countdown", "must be from 0 to 316224000 seconds, not -1"),
            ("$.eta", "must be an instant in ISO 8601 such as 2026-01-31T18:30:00Z, not 'soon'"),
            ("$.expires", "must be an instant (text) or seconds from now (number), not true"),
            ("$.retry.max_retries", "must be a whole number from 0 to 1000000, not 1.5"),
            ("$.retry.back_off", "must be one of constant, exponential, not 'linear'"),
            ("$.retry.retry_on[1]", "must be a text, not the number 1"),
            ("$.retry.tries", "is not known here; known are max_retries, delay, max_delay, back_off, jitter, retry_on, do_not_retry_on"),
            ("$.time_limit", "must be from 0.001 to 316224000 seconds, not 0"),
            ("$.soft_time_limit", "must be a number of seconds, not a text"),
            ("$.ignore_result", "must be true or false, not a text"),
            ("$.headers", "must be an object, not the number 1"),
            ("$.id", "must not contain control characters"),
            (
                "$.prioritty",
                "is not known here; known are name, args, kwargs, queue, priority, countdown, eta, expires, retry, time_limit, soft_time_limit, ignore_result, unique_key, unique_for, headers, id"),
            ("$.unique_for", "needs unique_key"));
        Assert.Empty(await _core.Backend.Broker.GetQueuesAsync(ServerHarness.Stop));
    }

    [Fact]
    public async Task Submit_OptionsThatDoNotGoTogether_AreRefused() => (await _core.PostAsync(
        "/v1/tasks", """{"name": "t", "countdown": 5, "eta": "2999-01-01T00:00:00Z", "time_limit": 1, "soft_time_limit": 2, "expires": 3}""")).IsProblem(
        422,
        "ESS5011",
        "Invalid request",
        "The request has 3 mistakes; nothing was done.",
        ("$.countdown", "must not be given together with eta"),
        ("$.soft_time_limit", "must not be longer than time_limit"),
        ("$.expires", "must be later than the time the task may start"));

    [Theory]
    [InlineData("{\"name\": \"t\",\n \"args\": [1,}", "The body is not JSON at line 2, byte 13: '}' is an invalid start of a value.")]
    [InlineData("", "The body is empty; it must be a JSON object.")]
    public async Task Submit_MalformedJson_SaysWhere(string body, string detail) =>
        (await _core.PostAsync("/v1/tasks", body)).IsProblem(400, "ESS5010", "Malformed JSON", detail);

    [Fact]
    public async Task Submit_FieldTwice_IsRefused()
    {
        Answer answer = await _core.PostAsync("/v1/tasks", """{"name": "a", "name": "b"}""");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("ESS5010", answer.Code);
        Assert.Contains("name", (string)answer.Json["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_NotAnObject_IsRefused() => (await _core.PostAsync("/v1/tasks", "[1]")).IsProblem(
        422, "ESS5011", "Invalid request", "The request has a mistake; nothing was done.", ("$", "must be an object, not a list"));

    [Fact]
    public async Task Submit_OtherContentType_IsRefused()
    {
        (await _core.PostAsync("/v1/tasks", "name=t", contentType: "application/x-www-form-urlencoded")).IsProblem(
            415, "ESS5013", "Not JSON", "The content type 'application/x-www-form-urlencoded' is not supported. Send JSON with 'Content-Type: application/json'.");
        (await _core.PostAsync("/v1/tasks")).IsProblem(
            415, "ESS5013", "Not JSON", "The request has no content type. Send JSON with 'Content-Type: application/json'.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Submit_BodyTooLarge_IsRefused(bool chunked)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/tasks") { Content = new StringContent($$"""{"name":"{{new string('x', 3000)}}"}""", System.Text.Encoding.UTF8, "application/json") };
        request.Headers.TransferEncodingChunked = chunked;

        (await _core.SendAsync(request)).IsProblem(
            413,
            "ESS5014",
            "Body too large",
            "The body is larger than 2,000 bytes. Pass a reference (a path, a URL, an object's key) instead of the data itself, or split the batch.");
    }

    [Fact]
    public async Task Submit_IdOfATaskThatExists_IsRefused()
    {
        await _core.SubmitAsync("""{"name": "t", "id": "one"}""");

        (await _core.PostAsync("/v1/tasks", """{"name": "t", "id": "one"}""")).IsProblem(
            409,
            "ESS5022",
            "Id already used",
            "A task with this id exists. Leave the id out to get a new one, or send an Idempotency-Key to repeat a request safely.",
            ("$.id", "'one' is the id of a task that exists"));
    }

    [Fact]
    public async Task Submit_UniqueKeyHeld_NamesTheHolder()
    {
        string first = await _core.SubmitAsync("""{"name": "t", "unique_key": "k"}""");

        Answer second = await _core.PostAsync("/v1/tasks", """{"name": "t", "unique_key": "k"}""");

        Assert.Equal(HttpStatusCode.OK, second.Status);
        Assert.Equal($$"""{"id":"{{first}}","name":"t","queue":"celery","created":false}""", second.Text);
        Assert.Equal(1, Assert.Single(await _core.Backend.Broker.GetQueuesAsync(ServerHarness.Stop)).Ready);
    }

    [Fact]
    public async Task Batch_Good_AllAreQueuedInOrder()
    {
        Answer answer = await _core.PostAsync("/v1/tasks/batch", """{"tasks": [{"name": "a", "id": "1"}, {"name": "b", "id": "2", "queue": "q"}, {"name": "c", "id": "3"}]}""");

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal(
            """{"tasks":[{"id":"1","name":"a","queue":"celery","created":true},{"id":"2","name":"b","queue":"q","created":true},{"id":"3","name":"c","queue":"celery","created":true}]}""",
            answer.Text);
        Assert.Equal("1", (await _core.ClaimAsync()).TaskId);
        Assert.Equal("3", (await _core.ClaimAsync()).TaskId);
    }

    [Fact]
    public async Task Batch_SomeBad_NoneIsQueuedAndAllMistakesAreListed()
    {
        (await _core.PostAsync("/v1/tasks/batch", """{"tasks": [{"name": "a", "id": "x"}, {"nam": "b"}, {"name": "c", "id": "x"}, 7], "more": 1}""")).IsProblem(
            422,
            "ESS5011",
            "Invalid request",
            "The request has 5 mistakes; nothing was done.",
            ("$.more", "is not known here; known are tasks"),
            ("$.tasks[1].name", "is required"),
            (
                "$.tasks[1].nam",
                "is not known here; known are name, args, kwargs, queue, priority, countdown, eta, expires, retry, time_limit, soft_time_limit, ignore_result, unique_key, unique_for, headers, id"),
            ("$.tasks[3]", "must be an object, not the number 7"),
            ("$.tasks[2].id", "'x' is already the id of another task of the batch"));
        Assert.Empty(await _core.Backend.Broker.GetQueuesAsync(ServerHarness.Stop));
    }

    [Theory]
    [InlineData("""{}""", "is required")]
    [InlineData("""{"tasks": []}""", "must have 1 to 50 items, not 0")]
    [InlineData("""{"tasks": {}}""", "must be a list, not an object")]
    public async Task Batch_NoTasks_IsRefused(string body, string message) => (await _core.PostAsync("/v1/tasks/batch", body)).IsProblem(
        422, "ESS5011", "Invalid request", "The request has a mistake; nothing was done.", ("$.tasks", message));

    [Fact]
    public async Task Batch_TooMany_IsRefused() =>
        (await _core.PostAsync("/v1/tasks/batch", $$"""{"tasks":[{{string.Join(',', Enumerable.Repeat("{\"name\":\"t\"}", 51))}}]}""")).IsProblem(
            422, "ESS5011", "Invalid request", "The request has a mistake; nothing was done.", ("$.tasks", "must have 1 to 50 items, not 51"));

    [Fact]
    public async Task Batch_LargerThanASingleBody_IsAllowedUpToItsOwnLimit()
    {
        string fill = new('x', 10_000);
        Assert.Equal(HttpStatusCode.Accepted, (await _core.PostAsync("/v1/tasks/batch", $$"""{"tasks":[{"name":"t","args":["{{fill}}"]}]}""")).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await _core.PostAsync("/v1/tasks/batch", $$"""{"tasks":[{"name":"t","args":["{{fill}}{{fill}}"]}]}""")).Status);
    }
}
