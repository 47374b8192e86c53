namespace Essaim;

/// <summary>Changes the placement in the configuration all workers follow, and nothing else of it.</summary>
internal sealed class PlacementPublisher(IConfigStore store, string author)
{
    private const int MostTries = 20;

    /// <exception cref="AppException"><c>ESS4030</c>: others publish all the time.</exception>
    public async ValueTask PublishAsync(Placement placement, CancellationToken cancellationToken)
    {
        for (int tries = 0; tries < MostTries; tries++)
        {
            ConfigSnapshot? current = await store.ReadAsync(cancellationToken);
            ConfigDocument document = current?.Document ?? new ConfigDocument(
                new Dictionary<string, Protocol.RawJson>(), new Dictionary<string, Protocol.RawJson>(), new Dictionary<string, Protocol.RawJson>(), author);
            document = document with
            {
                Base = new Dictionary<string, Protocol.RawJson>(document.Base) { [Placement.Setting] = placement.Write() },
                Author = author,
                Host = Environment.MachineName,
            };
            if (await store.PublishAsync(document, current?.Version, cancellationToken) is not null)
                return;
        }

        throw new AppException("ESS4030", $"The placement was not changed: others changed the configuration each of {MostTries} times it was tried. Try again.");
    }
}
