namespace Essaim;

/// <summary>One call in a batch.</summary>
/// <param name="Name">Task name.</param>
/// <param name="Args">Positional arguments; written as JSON.</param>
/// <param name="Kwargs">Keyword arguments; written as JSON.</param>
/// <param name="Options">What holds for this call.</param>
public sealed record TaskCall(
    string Name, IReadOnlyList<object?>? Args = null, IReadOnlyDictionary<string, object?>? Kwargs = null, EnqueueOptions? Options = null);
