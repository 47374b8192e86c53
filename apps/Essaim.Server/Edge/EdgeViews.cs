using System.ComponentModel;
using System.Globalization;
using Essaim.Protocol;
using Essaim.Storage;

namespace Essaim.Server;

/// <summary>A device.</summary>
internal sealed record DeviceView(
    string Id,
    string? Label,
    [property: Description("online, disconnected or checking: the core listens, and has not heard it yet.")] string Status,
    [property: Description("Why it is disconnected: lost, shutdown or silent.")] string? Reason,
    [property: Description("When it was heard last, since the core started.")] DateTimeOffset? HeardAt,
    [property: Description("Votes it keeps that the core has not answered.")] int Open,
    string? Firmware,
    [property: Description("Of its processor, °C.")] double? Temperature,
    [property: Description("synced, or free: its clock is not synchronised.")] string? Clock,
    [property: Description("Version of the configuration it is to have; 0: none.")] int ConfigVersion,
    RawJson Config,
    [property: Description("Version it last spoke of.")] int? ReportedVersion,
    [property: Description("applied or rejected.")] string? ReportedStatus,
    [property: Description("Why it was rejected.")] string? ReportedError,
    DateTimeOffset CreatedAt)
{
    public static DeviceView Of(DeviceRecord device, DeviceSight sight) => new(
        device.Id, device.Label, sight.Status.ToString().ToLowerInvariant(), sight.Reason, sight.HeardAt, sight.Open, sight.Firmware, sight.Temperature, sight.Clock,
        device.ConfigVersion, RawJson.Parse(device.Config), device.ReportedVersion, device.ReportedStatus, device.ReportedError, device.CreatedAt);
}

/// <summary>All devices, by id.</summary>
internal sealed record DeviceListView(
    IReadOnlyList<DeviceView> Devices,
    [property: Description("The broker of devices can be reached.")] bool Linked,
    [property: Description("Why it cannot.")] string? LinkError);

/// <summary>A device that was just registered.</summary>
internal sealed record NewDeviceView(string Id, [property: Description("Shown this once; also the device's user name is its id.")] string Password);

/// <summary>What a device is to be registered as.</summary>
internal sealed record DeviceRequest(
    [property: Description("1 to 32 of a-z, 0-9 and -; user name and client id, too.")] string Id, [property: Description("What people call it.")] string? Label);

/// <summary>A command to a device.</summary>
internal sealed record CommandRequest([property: Description("identify, restart or reboot.")] string Name);

/// <summary>A command that was sent.</summary>
internal sealed record CommandReceipt([property: Description("Its id; the device answers under it.")] string Id);

/// <summary>A round.</summary>
internal sealed record RoundView(
    long Id,
    [property: Description("open, closed or void.")] string State,
    [property: Description("Votes it waits for.")] int Expected,
    [property: Description("Votes that count.")] int Votes,
    string? Question,
    DateTimeOffset OpenedAt,
    string OpenedBy,
    DateTimeOffset? ClosedAt,
    [property: Description("Why it is void.")] string? Reason)
{
    public static RoundView Of(RoundRecord round) => new(
        round.Id, round.State, round.Expected, round.Votes, round.Question, round.OpenedAt, round.OpenedBy, round.ClosedAt, round.Reason);
}

/// <summary>Rounds, newest first.</summary>
internal sealed record RoundListView(IReadOnlyList<RoundView> Rounds);

/// <summary>A round and its votes.</summary>
internal sealed record RoundDetailView(RoundView Round, IReadOnlyList<VoteView> Votes);

/// <summary>A vote.</summary>
internal sealed record VoteView(
    string Slot,
    [property: Description("With number, names the vote of a slot.")] string Epoch,
    long Number,
    string Choice,
    string? Input,
    [property: Description("counted, or late: its round was not open, or full.")] string Verdict,
    DateTimeOffset ArrivedAt,
    [property: Description("When it was pressed, from its age at its arrival; null where the device was booted since.")] DateTimeOffset? PressedAt,
    [property: Description("By the device's own clock; shown, never decided by.")] string? DeviceClock)
{
    public static VoteView Of(VoteRecord vote) => new(
        vote.Slot, vote.Epoch, vote.Sequence, vote.Choice, vote.Input, vote.Verdict, vote.ArrivedAt,
        vote.AgeMilliseconds is { } age and >= 0 ? vote.ArrivedAt.AddMilliseconds(-age) : null, vote.At);

    public static string Csv(IEnumerable<VoteView> votes) => string.Concat(votes.Select(vote => string.Join(',', Fields(vote).Select(Quote)) + "\r\n")
        .Prepend("slot,epoch,number,choice,input,verdict,arrived_at,pressed_at,device_clock\r\n"));

    private static string[] Fields(VoteView vote) =>
    [
        vote.Slot, vote.Epoch, vote.Number.ToString(CultureInfo.InvariantCulture), vote.Choice, vote.Input ?? "", vote.Verdict,
        vote.ArrivedAt.ToString("O", CultureInfo.InvariantCulture), vote.PressedAt?.ToString("O", CultureInfo.InvariantCulture) ?? "", vote.DeviceClock ?? "",
    ];

    /// <summary>A field of a device must not become a formula of a spreadsheet.</summary>
    private static string Quote(string field)
    {
        string safe = field.Length > 0 && field[0] is '=' or '+' or '-' or '@' ? "'" + field : field;
        return safe.AsSpan().ContainsAny(",\"\r\n") ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}

/// <summary>A change that was made.</summary>
internal sealed record AuditView(long Number, DateTimeOffset At, string By, string Action, string Target, string? Detail);

/// <summary>Changes, newest first.</summary>
internal sealed record AuditListView(IReadOnlyList<AuditView> Entries);

/// <summary>All of the edge at one moment.</summary>
internal sealed record EdgeView(IReadOnlyList<DeviceView> Devices, bool Linked, string? LinkError, RoundView? Round, IReadOnlyList<VoteView> Votes);
