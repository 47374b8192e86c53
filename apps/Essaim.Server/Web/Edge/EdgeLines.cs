using System.Globalization;
using Essaim.Edge;
using Essaim.Storage;

namespace Essaim.Server.Web;

// Razor makes components public, so what they are given is public, too.

/// <summary>A device as the pages show it.</summary>
public sealed record DeviceLine(
    string Id,
    string? Label,
    string Presence,
    string? Reason,
    DateTimeOffset? HeardAt,
    string? Firmware,
    int Open,
    double? Temperature,
    bool IsClockFree,
    int ConfigVersion,
    string Config,
    int? ReportedVersion,
    string? ReportedStatus,
    string? ReportedError,
    string Choices,
    DateTimeOffset CreatedAt)
{
    internal const string Online = "online";
    internal const string Checking = "checking";
    internal const string Disconnected = "disconnected";
    internal const string Never = "never";
    internal const string Unknown = "unknown";

    internal static IReadOnlyList<string> Presences { get; } = [Online, Checking, Disconnected, Never, Unknown];

    internal string ElementId => "device-" + Id;

    internal string Name => string.IsNullOrEmpty(Label) ? Id : Label;

    /// <summary>It has not yet said that it applies what it is to be like.</summary>
    internal bool IsBehind => ConfigVersion > 0 && (ReportedVersion ?? 0) < ConfigVersion;

    internal bool IsRejected => ReportedStatus == "rejected" && ReportedVersion == ConfigVersion;

    internal static DeviceLine Of(DeviceRecord device, string presence, DeviceSight sight, IEnumerable<VoteRecord> votes) => new(
        device.Id, device.Label, presence, sight.Reason, sight.HeardAt, sight.Firmware, sight.Open, sight.Temperature, sight.Clock == "free",
        device.ConfigVersion, device.Config, device.ReportedVersion, device.ReportedStatus, device.ReportedError,
        string.Join(", ", votes.Where(vote => vote.Verdict == VoteLine.Counted).GroupBy(vote => vote.Choice).Select(group => Times(group.Key, group.Count()))), device.CreatedAt);

    /// <summary>Silence from a device nothing was ever heard of says that it was never there; silence while the broker is away says nothing.</summary>
    internal static string PresenceOf(DeviceRecord device, DeviceSight sight, bool hasBroker, bool isLinked) => sight.Status switch
    {
        _ when !hasBroker => Unknown,
        _ when !isLinked => Checking,
        DeviceStatus.Online => Online,
        DeviceStatus.Checking => Checking,
        _ when !sight.Seen && device.ReportedVersion is null => Never,
        _ => Disconnected,
    };

    private static string Times(string choice, int count) => count == 1 ? choice : string.Create(CultureInfo.InvariantCulture, $"{choice} ×{count}");
}

/// <summary>A round as the pages show it.</summary>
public sealed record RoundLine(
    long Id, int Revision, string State, int Expected, int Votes, string? Question, DateTimeOffset OpenedAt, string OpenedBy, DateTimeOffset? ClosedAt, string? Reason)
{
    internal bool IsOpen => State == "open";

    internal bool IsVoid => State == "void";

    /// <summary>Closed by a person, before its votes were in.</summary>
    internal bool IsShort => State == "closed" && Votes < Expected;

    internal string Address => $"/edge/rounds/{Id.Invariant()}";

    internal static RoundLine Of(RoundRecord round) => new(
        round.Id, round.Revision, round.State, round.Expected, round.Votes, round.Question, round.OpenedAt, round.OpenedBy, round.ClosedAt, round.Reason);
}

/// <summary>A vote as the pages show it.</summary>
public sealed record VoteLine(string Slot, string? Label, long Number, string Choice, string? Input, string Verdict, DateTimeOffset ArrivedAt, DateTimeOffset? PressedAt)
{
    internal const string Counted = "counted";

    internal bool IsLate => Verdict != Counted;

    internal string Name => string.IsNullOrEmpty(Label) ? Slot : Label;

    internal static VoteLine Of(VoteRecord vote, string? label) => new(
        vote.Slot, label, vote.Sequence, vote.Choice, vote.Input, vote.Verdict, vote.ArrivedAt,
        vote.AgeMilliseconds is { } age and >= 0 ? vote.ArrivedAt.AddMilliseconds(-age) : null);
}
