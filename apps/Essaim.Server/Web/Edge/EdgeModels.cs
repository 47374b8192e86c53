using System.Globalization;

namespace Essaim.Server.Web;

/// <summary>What the operator's page shows.</summary>
public sealed record EdgeModel
{
    internal EdgePicture Picture { get; init; } = null!;

    internal EdgeFilter Filter { get; init; } = null!;

    /// <summary>Devices of this page of the table.</summary>
    internal IReadOnlyList<DeviceLine> Rows { get; init; } = [];

    /// <summary>How many the filter found.</summary>
    internal int Found { get; init; }

    internal IReadOnlyList<(string Presence, int Count)> Tabs { get; init; } = [];

    internal IReadOnlyList<RoundLine> Rounds { get; init; } = [];

    internal BrokerModel Broker => new(Picture.HasBroker, Picture.IsLinked, Picture.LinkError);

    internal RoundPanelModel Round => RoundPanelModel.Of(Picture);

    internal static EdgeModel Of(EdgePicture picture, EdgeFilter filter, IReadOnlyList<RoundLine> rounds)
    {
        IReadOnlyList<DeviceLine> found = filter.Apply(picture.Devices);
        return new EdgeModel
        {
            Picture = picture,
            Filter = filter,
            Rows = [.. found.Skip((filter.Page - 1) * EdgeFilter.PageSize).Take(EdgeFilter.PageSize)],
            Found = found.Count,
            Tabs = [("", picture.Devices.Count), .. DeviceLine.Presences.Select(presence => (presence, picture.Devices.Count(device => device.Presence == presence))).Where(tab => tab.Item2 > 0 || tab.presence is DeviceLine.Online or DeviceLine.Disconnected)],
            Rounds = rounds,
        };
    }
}

/// <summary>Whether devices can be heard.</summary>
public sealed record BrokerModel(bool HasBroker, bool IsLinked, string? LinkError);

/// <summary>The current round.</summary>
public sealed record RoundPanelModel
{
    private const int Latest = 9;

    internal RoundLine? Round { get; init; }

    internal int Late { get; init; }

    /// <summary>Votes that count, by choice; most first.</summary>
    internal IReadOnlyList<(string Choice, int Count)> Tally { get; init; } = [];

    /// <summary>The last ones, newest first.</summary>
    internal IReadOnlyList<VoteLine> Newest { get; init; } = [];

    /// <summary>All that it shows.</summary>
    internal string Key => string.Create(CultureInfo.InvariantCulture, $"{Round}{Late}{string.Join(' ', Newest)}");

    internal static RoundPanelModel Of(EdgePicture picture) => Of(picture.Round, picture.Votes);

    internal static RoundPanelModel Of(RoundLine? round, IReadOnlyList<VoteLine> votes) => new()
    {
        Round = round,
        Late = votes.Count(vote => vote.IsLate),
        Tally = [.. votes.Where(vote => !vote.IsLate).GroupBy(vote => vote.Choice).Select(group => (group.Key, group.Count())).OrderByDescending(pair => pair.Item2).ThenBy(pair => pair.Key)],
        Newest = [.. votes.Reverse().Take(Latest)],
    };
}

/// <summary>What a screen on a wall shows.</summary>
public sealed record WallModel
{
    internal RoundPanelModel Round { get; init; } = null!;

    internal BrokerModel Broker { get; init; } = null!;

    internal IReadOnlyList<DeviceLine> Devices { get; init; } = [];

    internal string Key => Round.Key + Broker + string.Join(' ', Devices.Select(device => device.Id + device.Label + device.Presence + device.Choices));

    internal static WallModel Of(EdgePicture picture) => new()
    {
        Round = RoundPanelModel.Of(picture),
        Broker = new BrokerModel(picture.HasBroker, picture.IsLinked, picture.LinkError),
        Devices = picture.Devices,
    };
}
