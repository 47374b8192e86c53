using System.Globalization;
using System.Text;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim.Server;

/// <summary>Reads submissions, noting all mistakes of all of them.</summary>
internal sealed class TaskSubmissionReader(TaskClientOptions options, TimeProvider time)
{
    private const double TenYears = 10 * 366 * 86_400.0;
    private const int MaxName = 255;

    private readonly List<Mistake> _mistakes = [];

    /// <summary>Reads the body of one submission.</summary>
    /// <exception cref="ProblemException"><c>ESS5011</c> with every mistake.</exception>
    public PreparedTask ReadOne(JsonElement body)
    {
        PreparedTask task = Read(body, "$");
        ThrowIfMistaken();
        return task;
    }

    /// <summary>Reads the body of a batch.</summary>
    /// <param name="body">The body.</param>
    /// <param name="most">Most tasks it may have.</param>
    /// <exception cref="ProblemException"><c>ESS5011</c> with every mistake.</exception>
    public IReadOnlyList<PreparedTask> ReadBatch(JsonElement body, int most)
    {
        ObjectReader reader = new(body, "$", _mistakes);
        JsonElement? list = reader.List("tasks");
        reader.Finish();
        List<PreparedTask> tasks = [];
        int count = list?.GetArrayLength() ?? 0;
        if (list is null && body.ValueKind == JsonValueKind.Object && !body.TryGetProperty("tasks", out _))
            reader.Fail("$.tasks", "is required");
        else if (list is not null && (count == 0 || count > most))
            reader.Fail("$.tasks", string.Create(CultureInfo.InvariantCulture, $"must have 1 to {most} items, not {count}"));
        else if (list is not null)
        {
            foreach (JsonElement item in list.Value.EnumerateArray())
                tasks.Add(Read(item, string.Create(CultureInfo.InvariantCulture, $"$.tasks[{tasks.Count}]")));
            FindDoubleIds(tasks);
        }

        ThrowIfMistaken();
        return tasks;
    }

    /// <summary>Reads a call of a task that is known: the body has its options, and in place of arguments what makes its keywords.</summary>
    /// <param name="body">The body.</param>
    /// <param name="name">The task.</param>
    /// <param name="readKeywords">Reads the rest.</param>
    /// <param name="more">Mistakes of another kind, told together with those of this one.</param>
    /// <exception cref="ProblemException"><c>ESS5011</c> with every mistake.</exception>
    public PreparedTask ReadCall(JsonElement body, string name, Func<ObjectReader, JsonElement> readKeywords, IReadOnlyCollection<Mistake> more)
    {
        ObjectReader reader = new(body, "$", _mistakes);
        PreparedTask task = ReadOptions(reader, "$", name, null, readKeywords(reader));
        if (_mistakes.Count > 0)
            _mistakes.AddRange(more);
        ThrowIfMistaken();
        return task;
    }

    private PreparedTask Read(JsonElement element, string path)
    {
        ObjectReader reader = new(element, path, _mistakes);
        string name = reader.Text("name", MaxName, required: element.ValueKind == JsonValueKind.Object) ?? "";
        return ReadOptions(reader, path, name, reader.List("args"), reader.Object("kwargs"));
    }

    private PreparedTask ReadOptions(ObjectReader reader, string path, string name, JsonElement? args, JsonElement? kwargs)
    {
        EnqueueOptions call = new()
        {
            Queue = reader.Text("queue", MaxName) ?? options.FindRoute(name) ?? options.FindDefaultQueue(),
            Priority = reader.Whole("priority", 0, 9),
            Countdown = reader.Seconds("countdown", 0, TenYears),
            Eta = reader.Instant("eta"),
        };
        (DateTimeOffset? expires, TimeSpan? expiresIn) = reader.InstantOrSeconds("expires", TenYears);
        call = call with
        {
            Expires = expires,
            ExpiresIn = expiresIn,
            RetryPolicy = ReadRetry(reader, path),
            HardTimeLimit = reader.Seconds("time_limit", 0.001, TenYears),
            SoftTimeLimit = reader.Seconds("soft_time_limit", 0.001, TenYears),
            IgnoreResult = reader.Flag("ignore_result"),
            UniqueKey = reader.Text("unique_key", MaxName),
            UniqueFor = reader.Seconds("unique_for", 1, TenYears),
            Headers = ReadHeaders(reader.Object("headers")),
            TaskId = reader.Text("id", MaxName),
        };
        reader.Finish();
        CheckTogether(reader, call);
        bool chosen = call.TaskId is not null;
        call = call with { TaskId = call.TaskId ?? Guid.NewGuid().ToString() };
        return new PreparedTask(new TaskCall(name, ToList(args), ToMap(kwargs), call), chosen, Raw(args, RawJson.EmptyArray), Raw(kwargs, RawJson.EmptyObject));
    }

    private void CheckTogether(ObjectReader reader, EnqueueOptions call)
    {
        if (call is { Countdown: not null, Eta: not null })
            reader.Fail(reader.Path("countdown"), "must not be given together with eta");
        if (call is { HardTimeLimit: { } hard, SoftTimeLimit: { } soft } && soft > hard)
            reader.Fail(reader.Path("soft_time_limit"), "must not be longer than time_limit");
        if (call is { UniqueFor: not null, UniqueKey: null })
            reader.Fail(reader.Path("unique_for"), "needs unique_key");
        DateTimeOffset start = call.Eta ?? (time.GetUtcNow() + (call.Countdown ?? TimeSpan.Zero));
        if ((call.Expires ?? (time.GetUtcNow() + call.ExpiresIn)) <= start)
            reader.Fail(reader.Path("expires"), "must be later than the time the task may start");
    }

    private RetryPolicy? ReadRetry(ObjectReader parent, string path)
    {
        if (parent.Object("retry") is not { } element)
            return null;
        ObjectReader reader = new(element, $"{path}.retry", _mistakes);
        RetryPolicy defaults = new();
        RetryPolicy policy = new()
        {
            MaxRetries = reader.Whole("max_retries", 0, 1_000_000) ?? defaults.MaxRetries,
            Delay = reader.Seconds("delay", 0, TenYears) ?? defaults.Delay,
            MaxDelay = reader.Seconds("max_delay", 0, TenYears) ?? defaults.MaxDelay,
            BackOff = reader.OneOf("back_off", "constant", "exponential") == "constant" ? BackOff.Constant : BackOff.Exponential,
            Jitter = reader.Flag("jitter") ?? defaults.Jitter,
            RetryOn = reader.Texts("retry_on"),
            DoNotRetryOn = reader.Texts("do_not_retry_on"),
        };
        reader.Finish();
        return policy;
    }

    private void FindDoubleIds(List<PreparedTask> tasks)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (int i = 0; i < tasks.Count; i++)
        {
            if (!seen.Add(tasks[i].Options.TaskId!))
                _mistakes.Add(new Mistake(string.Create(CultureInfo.InvariantCulture, $"$.tasks[{i}].id"), $"'{tasks[i].Options.TaskId}' is already the id of another task of the batch"));
        }
    }

    private void ThrowIfMistaken()
    {
        if (_mistakes.Count > 0)
            throw new ProblemException(Problem.Invalid(_mistakes));
    }

    private static Dictionary<string, object?>? ReadHeaders(JsonElement? headers) =>
        headers?.EnumerateObject().ToDictionary(field => field.Name, field => (object?)field.Value, StringComparer.Ordinal);

    private static IReadOnlyList<object?> ToList(JsonElement? args) => args is { } list ? [.. list.EnumerateArray().Select(item => (object?)item)] : [];

    private static Dictionary<string, object?> ToMap(JsonElement? kwargs) =>
        kwargs?.EnumerateObject().ToDictionary(field => field.Name, field => (object?)field.Value, StringComparer.Ordinal) ?? [];

    private static RawJson Raw(JsonElement? element, RawJson missing) => element is { } value ? new RawJson(Encoding.UTF8.GetBytes(value.GetRawText())) : missing;
}
