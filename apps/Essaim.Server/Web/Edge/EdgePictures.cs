using Essaim.Storage;

namespace Essaim.Server.Web;

/// <summary>Devices and the current round at one moment, read once for all who look.</summary>
internal sealed class EdgePictures(IMetadataStore store, DeviceBoard board, ServerOptions options) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private Task? _since;
    private EdgePicture? _last;

    public async Task<EdgePicture> ReadAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            Task since = board.ChangedAsync();
            if (_last is not null && ReferenceEquals(_since, since))
                return _last;
            EdgePicture picture = await ReadNowAsync(cancellationToken);
            (_since, _last) = (since, picture);
            return picture;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<EdgePicture> ReadNowAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<DeviceRecord> devices = await store.Edge.ListDevicesAsync(cancellationToken);
        RoundRecord? round = await store.Edge.CurrentRoundAsync(cancellationToken);
        IReadOnlyList<VoteRecord> votes = round is null ? [] : await store.Edge.ListVotesAsync(round.Id, cancellationToken);
        ILookup<string, VoteRecord> bySlot = votes.ToLookup(vote => vote.Slot);
        Dictionary<string, string?> labels = devices.ToDictionary(device => device.Id, device => device.Label);
        (bool hasBroker, bool isLinked) = (options.Edge is not null, board.IsLinked);
        return new EdgePicture(
            hasBroker,
            isLinked,
            board.LinkError,
            [.. devices.Select(device => Line(device, board.Sight(device.Id)))],
            round is null ? null : RoundLine.Of(round),
            [.. votes.Select(vote => VoteLine.Of(vote, labels.GetValueOrDefault(vote.Slot)))]);

        DeviceLine Line(DeviceRecord device, DeviceSight sight) => DeviceLine.Of(device, DeviceLine.PresenceOf(device, sight, hasBroker, isLinked), sight, bySlot[device.Id]);
    }
}

/// <summary>Devices and the current round at one moment. <c>HasBroker</c>: the core was given one; <c>Votes</c>: of the round, in the order they came.</summary>
internal sealed record EdgePicture(
    bool HasBroker, bool IsLinked, string? LinkError, IReadOnlyList<DeviceLine> Devices, RoundLine? Round, IReadOnlyList<VoteLine> Votes)
{
    public int Online => Devices.Count(device => device.Presence == DeviceLine.Online);
}
