namespace Essaim.Storage;

/// <summary>Devices, rounds and votes. Every change says who made it, and stands in the audit log of the same transaction.</summary>
internal interface IEdgeStore
{
    /// <summary>Registers a device, or one that was revoked anew. False where there is one of this id.</summary>
    ValueTask<bool> AddDeviceAsync(string id, string? label, string passwordHash, string by, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Ends a device's rights; its votes stay. False where there is none.</summary>
    ValueTask<bool> RevokeDeviceAsync(string id, string by, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Sets what a device is to be like; its new version, or null where there is no such device.</summary>
    ValueTask<int?> SetConfigAsync(string id, string config, string by, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Keeps what a device says of its configuration.</summary>
    ValueTask ReportConfigAsync(string id, int version, string status, string? error, CancellationToken cancellationToken);

    /// <summary>Devices that were not revoked, by id.</summary>
    ValueTask<IReadOnlyList<DeviceRecord>> ListDevicesAsync(CancellationToken cancellationToken);

    /// <summary>Opens a round; null where one is open.</summary>
    ValueTask<RoundRecord?> OpenRoundAsync(int expected, string? question, string by, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Closes a round before its votes are in; null where it is not open.</summary>
    ValueTask<RoundRecord?> CloseRoundAsync(long id, string by, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Declares a round void; null where there is none, or it is void.</summary>
    ValueTask<RoundRecord?> VoidRoundAsync(long id, string reason, string by, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>The round opened last; null where there never was one.</summary>
    ValueTask<RoundRecord?> CurrentRoundAsync(CancellationToken cancellationToken);

    /// <summary>A round; null where there is none.</summary>
    ValueTask<RoundRecord?> GetRoundAsync(long id, CancellationToken cancellationToken);

    /// <summary>Rounds, newest first; those opened before round <paramref name="before"/> where it is given.</summary>
    ValueTask<IReadOnlyList<RoundRecord>> ListRoundsAsync(int limit, long? before, CancellationToken cancellationToken);

    /// <summary>Votes that name a round, whatever became of them, in the order they came.</summary>
    ValueTask<IReadOnlyList<VoteRecord>> ListVotesAsync(long round, CancellationToken cancellationToken);

    /// <summary>
    /// Takes votes, each for the first time or again, in one transaction that is on the disk when this returns. A vote counts where the round it
    /// names is open and has room; the last expected one closes the round. The same vote always gets its first verdict.
    /// </summary>
    ValueTask<VoteBatchResult> TakeVotesAsync(IReadOnlyList<VoteEntry> votes, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Writes down a change that is not kept here.</summary>
    ValueTask AddAuditAsync(string by, string action, string target, string? detail, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Changes, newest first.</summary>
    ValueTask<IReadOnlyList<AuditRecord>> ListAuditAsync(int limit, CancellationToken cancellationToken);
}

/// <summary>A device.</summary>
internal sealed record DeviceRecord(
    string Id, string? Label, string PasswordHash, DateTimeOffset CreatedAt, int ConfigVersion, string Config, int? ReportedVersion, string? ReportedStatus, string? ReportedError);

/// <summary>A round. <c>State</c> is <c>open</c>, <c>closed</c> or <c>void</c>.</summary>
internal sealed record RoundRecord(
    long Id, int Revision, string State, int Expected, int Votes, string? Question, DateTimeOffset OpenedAt, string OpenedBy, DateTimeOffset? ClosedAt, string? Reason);

/// <summary>A vote that came. <c>Hash</c> tells it from another under the same number.</summary>
internal sealed record VoteEntry(string Slot, string Epoch, long Sequence, string Hash, long? Round, string Choice, string? Input, string? At, long? AgeMilliseconds);

/// <summary>A vote as it was taken. <c>Verdict</c> is <c>counted</c> or <c>late</c>.</summary>
internal sealed record VoteRecord(
    string Slot, string Epoch, long Sequence, long? Round, string Verdict, string Choice, string? Input, string? At, long? AgeMilliseconds, DateTimeOffset ArrivedAt);

/// <summary>What became of a vote: <c>counted</c>, <c>late</c>, or <c>conflict</c> where another is kept under its number.</summary>
internal sealed record VoteOutcome(VoteEntry Vote, string Verdict, long Highest);

/// <summary>What became of votes, and the current round where they changed it.</summary>
internal sealed record VoteBatchResult(IReadOnlyList<VoteOutcome> Outcomes, RoundRecord? ChangedRound);

/// <summary>Who did what to what.</summary>
internal sealed record AuditRecord(long Number, DateTimeOffset At, string By, string Action, string Target, string? Detail);
