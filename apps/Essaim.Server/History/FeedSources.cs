namespace Essaim.Server;

/// <summary>
/// Names of the positions kept in the history. A broker has its own, so that changing the broker does not skip what the new
/// one has to say; what lives in memory starts anew with each process.
/// </summary>
internal sealed class FeedSources(IBackend backend)
{
    private readonly string _broker = backend.DisplayUrl.StartsWith("memory:", StringComparison.Ordinal) ? $"{backend.DisplayUrl}#{Guid.NewGuid():N}" : backend.DisplayUrl;

    public string Events => $"events {_broker}";

    public string Completions => $"completions {_broker}";
}
