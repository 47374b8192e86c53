using System.Text.Json;

namespace Essaim;

/// <summary>
/// What holds for every call of one task unless the call says otherwise. Set once, when the task is registered.
/// </summary>
public sealed class TaskOptions
{
    /// <summary>Queue it is sent to. Null (default): by the client's routes, else <c>celery</c>.</summary>
    public string? Queue { get; set; }

    /// <summary>
    /// Labels and facts of the nodes that may run it, all of them: <c>gpu</c>, <c>arch=arm64</c>. Its messages wait in a queue derived from its own, such as
    /// <c>scan@arch=arm64,gpu</c>. Default none.
    /// </summary>
    /// <exception cref="ArgumentException">One of them is no label.</exception>
    public IReadOnlyList<string> Requires
    {
        get;
        set => field = Requirements.Normal(value).Length > 0 ? value : [];
    } = [];

    /// <summary>Labels one message requires beside <see cref="Requires"/>, by its keyword arguments; workers ask, so it holds whoever sent it.</summary>
    internal Func<JsonElement, IReadOnlyList<string>>? RequiresOf { get; set; }

    /// <summary>0 (highest) to 9. Null (default): 0.</summary>
    public int? Priority { get; set; }

    /// <summary>When a failure is tried again. Null (default): never, unless the handler throws <see cref="TaskRetryException"/>.</summary>
    public RetryPolicy? RetryPolicy { get; set; }

    /// <summary>The handler is asked to stop after this time. Null (default): the worker's own limit.</summary>
    public TimeSpan? SoftTimeLimit { get; set; }

    /// <summary>The executor is killed after this time. Null (default): the worker's own limit.</summary>
    public TimeSpan? HardTimeLimit { get; set; }

    /// <summary>
    /// How often one worker begins it: Celery's <c>10/s</c>, <c>5/m</c>, <c>1/h</c>, or a number a second. Null (default): as often as it comes.
    /// </summary>
    /// <exception cref="ArgumentException">It is set to something else.</exception>
    public string? RateLimit
    {
        get;
        set => field = value is null || Essaim.RateLimit.TryParse(value, out _, out _)
            ? value
            : throw new ArgumentException($"'{value}' is not a rate limit. Write 10/s, 5/m, 1/h, or a number a second.", nameof(value));
    }

    /// <summary>Store no result. Default false.</summary>
    public bool IgnoreResult { get; set; }

    /// <summary>
    /// How long results are kept; null: for ever. Default what the fleet's configuration says (<c>result_expires</c>), else one day, as in Celery.
    /// </summary>
    public TimeSpan? ResultExpires
    {
        get;
        set => (field, KeepsResultsItsWay) = (value, true);
    } = TimeSpan.FromDays(1);

    /// <summary>True where <see cref="ResultExpires"/> was set.</summary>
    internal bool KeepsResultsItsWay { get; private set; }

    /// <summary>Store a STARTED state when a handler begins. Default false.</summary>
    public bool TrackStarted { get; set; }

    /// <summary>While a call with the same arguments waits or runs, another is not accepted. Default false.</summary>
    public bool Unique { get; set; }

    /// <summary>How long a unique key is held at the longest, should the task never end. Default 24 h.</summary>
    public TimeSpan UniqueFor { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long the key of a unique call is held. Default until the task has ended.</summary>
    public UniqueUntil UniqueUntil { get; set; }

    /// <summary>How this task's arguments and result are read and written. Null (default): <see cref="EssaimJson.Options"/>, or the registry's.</summary>
    public JsonSerializerOptions? Json { get; set; }

    internal Func<object, string?>? UniqueKey { get; private set; }

    /// <summary>While a call with the same key waits or runs, another is not accepted. A null key: that call is not unique.</summary>
    /// <typeparam name="TArgs">The arguments record.</typeparam>
    public TaskOptions UniqueBy<TArgs>(Func<TArgs, string?> key)
        where TArgs : ITaskArgs
    {
        UniqueKey = args => key((TArgs)args);
        return this;
    }

    internal TaskOptions Clone() => (TaskOptions)MemberwiseClone();
}
