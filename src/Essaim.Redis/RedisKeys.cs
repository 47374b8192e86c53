namespace Essaim.Redis;

/// <summary>The names of everything in Redis: kombu's, Celery's results, and our own under one prefix. Immutable.</summary>
/// <param name="globalPrefix">kombu's <c>global_keyprefix</c>; may be empty. Stands before broker keys and channels, not before results.</param>
/// <param name="own">Prefix of our own keys; empty: <paramref name="globalPrefix"/> and <c>essaim:</c>.</param>
/// <param name="database">Database number; part of channel names, because Redis' channels know no databases.</param>
/// <param name="resultPrefix">What stands before <c>celery-task-meta-</c>; default nothing.</param>
internal sealed class RedisKeys(string globalPrefix, string own, int database, string resultPrefix = "")
{
    public string Global => globalPrefix;

    public string Own { get; } = own.Length > 0 ? own : globalPrefix + "essaim:";

    public int Database => database;

    /// <summary>What result keys (and their channels) begin with.</summary>
    public string ResultStart { get; } = resultPrefix + "celery-task-meta-";

    /// <summary>A pattern that matches the channels of all results, and only theirs.</summary>
    public string ResultChannels { get; } = GlobText.Escape(resultPrefix) + "celery-task-meta-*";

    public string Binding(string exchange) => $"{globalPrefix}_kombu.binding.{exchange}";

    public string Channel(string name) => $"{globalPrefix}/{database}.{name}";

    /// <summary>The channel rung when something becomes ready in a queue.</summary>
    public string Bell(string queue) => $"{Own}bell:{queue}";

    public string Result(string taskId) => ResultStart + taskId;

    public string Group(string groupId) => $"{resultPrefix}celery-taskset-meta-{groupId}";

    /// <summary>kombu's list of a queue for one priority step.</summary>
    public string List(string queue, int step) => step == 0 ? globalPrefix + queue : $"{globalPrefix}{queue}\u0006\u0016{step}";
}
