using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Essaim.Storage.Sqlite;

internal sealed class SqliteEdgeStore(GroupWriter writer, ReaderPool readers) : IEdgeStore
{
    private const string RoundColumns = "id, revision, state, expected, votes, question, opened_at, opened_by, closed_at, reason";

    public ValueTask<bool> AddDeviceAsync(string id, string? label, string passwordHash, string by, DateTimeOffset now, CancellationToken cancellationToken) => writer.WriteAsync(
        session =>
        {
            int changed = session.Execute(
                """
                INSERT INTO device (id, label, password_hash, created_at, config_version, config) VALUES ($id, $label, $hash, $now, 0, '{}')
                ON CONFLICT (id) DO UPDATE SET label = $label, password_hash = $hash, created_at = $now, revoked_at = NULL WHERE revoked_at IS NOT NULL
                """,
                ("$id", id), ("$label", label), ("$hash", passwordHash), ("$now", SqliteText.ToMicros(now)));
            if (changed > 0)
                Audit(session, now, by, "device.add", id, label);
            return changed > 0;
        },
        durable: true, cancellationToken);

    public ValueTask<bool> RevokeDeviceAsync(string id, string by, DateTimeOffset now, CancellationToken cancellationToken) => writer.WriteAsync(
        session =>
        {
            int changed = session.Execute("UPDATE device SET revoked_at = $now WHERE id = $id AND revoked_at IS NULL", ("$id", id), ("$now", SqliteText.ToMicros(now)));
            if (changed > 0)
                Audit(session, now, by, "device.revoke", id, null);
            return changed > 0;
        },
        durable: true, cancellationToken);

    public async ValueTask<int?> SetConfigAsync(string id, string config, string by, DateTimeOffset now, CancellationToken cancellationToken) => await writer.WriteAsync<int?>(
        session =>
        {
            long? version = (long?)session.Scalar(
                "UPDATE device SET config = $config, config_version = config_version + 1 WHERE id = $id AND revoked_at IS NULL RETURNING config_version", ("$id", id), ("$config", config));
            if (version is not null)
                Audit(session, now, by, "device.config", id, config);
            return (int?)version;
        },
        durable: true, cancellationToken);

    public async ValueTask ReportConfigAsync(string id, int version, string status, string? error, CancellationToken cancellationToken) => await writer.WriteAsync(
        session => session.Execute(
            "UPDATE device SET reported_version = $version, reported_status = $status, reported_error = $error WHERE id = $id",
            ("$id", id), ("$version", version), ("$status", status), ("$error", error)),
        durable: false, cancellationToken);

    public ValueTask<IReadOnlyList<DeviceRecord>> ListDevicesAsync(CancellationToken cancellationToken) => readers.ReadAsync<IReadOnlyList<DeviceRecord>>(
        session => session.Many(
            "SELECT id, label, password_hash, created_at, config_version, config, reported_version, reported_status, reported_error FROM device WHERE revoked_at IS NULL ORDER BY id",
            row => new DeviceRecord(row.GetString(0), row.Text(1), row.GetString(2), row.Instant(3), row.GetInt32(4), row.GetString(5), (int?)row.Number(6), row.Text(7), row.Text(8))),
        cancellationToken);

    public async ValueTask<RoundRecord?> OpenRoundAsync(int expected, string? question, string by, DateTimeOffset now, CancellationToken cancellationToken) => await writer.WriteAsync(
        session =>
        {
            if (session.Scalar("SELECT id FROM round WHERE state = 'open'") is not null)
                return null;
            RoundRecord round = session.One(
                $"INSERT INTO round (revision, state, expected, votes, question, opened_at, opened_by) VALUES (1, 'open', $expected, 0, $question, $now, $by) RETURNING {RoundColumns}",
                ReadRound, ("$expected", expected), ("$question", question), ("$now", SqliteText.ToMicros(now)), ("$by", by))!;
            Audit(session, now, by, "round.open", Name(round.Id), question);
            return round;
        },
        durable: true, cancellationToken);

    public ValueTask<RoundRecord?> CloseRoundAsync(long id, string by, DateTimeOffset now, CancellationToken cancellationToken) =>
        EndAsync(id, "state = 'open'", "closed", null, "round.close", by, now, cancellationToken);

    public ValueTask<RoundRecord?> VoidRoundAsync(long id, string reason, string by, DateTimeOffset now, CancellationToken cancellationToken) =>
        EndAsync(id, "state <> 'void'", "void", reason, "round.void", by, now, cancellationToken);

    public async ValueTask<RoundRecord?> CurrentRoundAsync(CancellationToken cancellationToken) => await readers.ReadAsync(
        session => session.One($"SELECT {RoundColumns} FROM round ORDER BY id DESC LIMIT 1", ReadRound), cancellationToken);

    public async ValueTask<RoundRecord?> GetRoundAsync(long id, CancellationToken cancellationToken) => await readers.ReadAsync(
        session => session.One($"SELECT {RoundColumns} FROM round WHERE id = $id", ReadRound, ("$id", id)), cancellationToken);

    public ValueTask<IReadOnlyList<RoundRecord>> ListRoundsAsync(int limit, long? before, CancellationToken cancellationToken) => readers.ReadAsync<IReadOnlyList<RoundRecord>>(
        session => session.Many(
            $"SELECT {RoundColumns} FROM round WHERE id < $before ORDER BY id DESC LIMIT $limit", ReadRound, ("$limit", limit), ("$before", before ?? long.MaxValue)),
        cancellationToken);

    public ValueTask<IReadOnlyList<VoteRecord>> ListVotesAsync(long round, CancellationToken cancellationToken) => readers.ReadAsync<IReadOnlyList<VoteRecord>>(
        session => session.Many(
            "SELECT slot, epoch, seq, round, verdict, choice, input, at, age, arrived_at FROM vote WHERE round = $round ORDER BY number",
            row => new VoteRecord(
                row.GetString(0), row.GetString(1), row.GetInt64(2), row.Number(3), row.GetString(4), row.GetString(5), row.Text(6), row.Text(7), row.Number(8), row.Instant(9)),
            ("$round", round)),
        cancellationToken);

    public ValueTask<VoteBatchResult> TakeVotesAsync(IReadOnlyList<VoteEntry> votes, DateTimeOffset now, CancellationToken cancellationToken) => writer.WriteAsync(
        session =>
        {
            List<VoteOutcome> outcomes = [];
            long? changed = null;
            foreach (VoteEntry vote in votes)
            {
                string verdict = Take(session, vote, now, ref changed);
                long highest = (long)session.Scalar("SELECT max(seq) FROM vote WHERE slot = $slot AND epoch = $epoch", ("$slot", vote.Slot), ("$epoch", vote.Epoch))!;
                outcomes.Add(new VoteOutcome(vote, verdict, highest));
            }

            return new VoteBatchResult(outcomes, changed is null ? null : session.One($"SELECT {RoundColumns} FROM round WHERE id = $id", ReadRound, ("$id", changed)));
        },
        durable: true, cancellationToken);

    public async ValueTask AddAuditAsync(string by, string action, string target, string? detail, DateTimeOffset now, CancellationToken cancellationToken) => await writer.WriteAsync(
        session =>
        {
            Audit(session, now, by, action, target, detail);
            return true;
        },
        durable: true, cancellationToken);

    public ValueTask<IReadOnlyList<AuditRecord>> ListAuditAsync(int limit, CancellationToken cancellationToken) => readers.ReadAsync<IReadOnlyList<AuditRecord>>(
        session => session.Many(
            "SELECT number, at, by, action, target, detail FROM audit ORDER BY number DESC LIMIT $limit",
            row => new AuditRecord(row.GetInt64(0), row.Instant(1), row.GetString(2), row.GetString(3), row.GetString(4), row.Text(5)), ("$limit", limit)),
        cancellationToken);

    private static string Take(SqliteSession session, VoteEntry vote, DateTimeOffset now, ref long? changed)
    {
        (string Name, object? Value)[] number = [("$slot", vote.Slot), ("$epoch", vote.Epoch), ("$seq", vote.Sequence)];
        string? known = session.One("SELECT hash, verdict FROM vote WHERE slot = $slot AND epoch = $epoch AND seq = $seq", row => row.GetString(0) == vote.Hash ? row.GetString(1) : "conflict", number);
        if (known is not null)
            return known;
        // The round closes in the statement that counts: no moment lies between.
        bool counts = vote.Round is { } round && session.Execute(
            """
            UPDATE round SET votes = votes + 1, revision = revision + 1,
              state = CASE WHEN votes + 1 = expected THEN 'closed' ELSE state END, closed_at = CASE WHEN votes + 1 = expected THEN $now ELSE closed_at END
            WHERE id = $round AND state = 'open' AND votes < expected
            """,
            ("$round", round), ("$now", SqliteText.ToMicros(now))) == 1;
        if (counts)
            changed = vote.Round;
        string verdict = counts ? "counted" : "late";
        session.Execute(
            """
            INSERT INTO vote (slot, epoch, seq, hash, round, verdict, choice, input, at, age, arrived_at)
            VALUES ($slot, $epoch, $seq, $hash, $round, $verdict, $choice, $input, $at, $age, $now)
            """,
            [
                .. number, ("$hash", vote.Hash), ("$round", vote.Round), ("$verdict", verdict), ("$choice", vote.Choice), ("$input", vote.Input), ("$at", vote.At),
                ("$age", vote.AgeMilliseconds), ("$now", SqliteText.ToMicros(now)),
            ]);
        return verdict;
    }

    private async ValueTask<RoundRecord?> EndAsync(
        long id, string condition, string state, string? reason, string action, string by, DateTimeOffset now, CancellationToken cancellationToken) => await writer.WriteAsync(
        session =>
        {
            RoundRecord? round = session.One(
                $"UPDATE round SET state = $state, revision = revision + 1, reason = $reason, closed_at = coalesce(closed_at, $now) WHERE id = $id AND {condition} RETURNING {RoundColumns}",
                ReadRound, ("$id", id), ("$state", state), ("$reason", reason), ("$now", SqliteText.ToMicros(now)));
            if (round is not null)
                Audit(session, now, by, action, Name(id), reason);
            return round;
        },
        durable: true, cancellationToken);

    internal static void Audit(SqliteSession session, DateTimeOffset now, string by, string action, string target, string? detail) => session.Execute(
        "INSERT INTO audit (at, by, action, target, detail) VALUES ($at, $by, $action, $target, $detail)",
        ("$at", SqliteText.ToMicros(now)), ("$by", by), ("$action", action), ("$target", target), ("$detail", detail));

    private static string Name(long id) => id.ToString(CultureInfo.InvariantCulture);

    private static RoundRecord ReadRound(SqliteDataReader row) => new(
        row.GetInt64(0), row.GetInt32(1), row.GetString(2), row.GetInt32(3), row.GetInt32(4), row.Text(5), row.Instant(6), row.GetString(7), row.OptionalInstant(8), row.Text(9));
}
