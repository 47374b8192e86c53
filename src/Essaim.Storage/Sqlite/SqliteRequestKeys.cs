using System.Text.Json;

namespace Essaim.Storage.Sqlite;

internal sealed class SqliteRequestKeys(GroupWriter writer) : IRequestKeys
{
    public ValueTask<RequestRecord> ReserveAsync(RequestReservation reservation, CancellationToken cancellationToken) => writer.WriteAsync(
        session =>
        {
            session.Execute(
                "DELETE FROM request_key WHERE tenant = $tenant AND key = $key AND expires_at <= $now",
                ("$tenant", reservation.Tenant),
                ("$key", reservation.Key),
                ("$now", SqliteText.ToMicros(reservation.Now)));
            int added = session.Execute(
                """
                INSERT INTO request_key (tenant, key, request_hash, task_ids, expires_at) VALUES ($tenant, $key, $hash, $ids, $expires)
                ON CONFLICT DO NOTHING
                """,
                ("$tenant", reservation.Tenant),
                ("$key", reservation.Key),
                ("$hash", reservation.RequestHash),
                ("$ids", JsonSerializer.Serialize(reservation.TaskIds)),
                ("$expires", SqliteText.ToMicros(reservation.ExpiresAt)));
            return Read(session, reservation.Tenant, reservation.Key, isNew: added == 1);
        },
        durable: true,
        cancellationToken);

    public async ValueTask CompleteAsync(string tenant, string key, RequestResponse response, CancellationToken cancellationToken) => await writer.WriteAsync(
        session => session.Execute(
            "UPDATE request_key SET status = $status, location = $location, body = $body WHERE tenant = $tenant AND key = $key",
            ("$tenant", tenant),
            ("$key", key),
            ("$status", response.Status),
            ("$location", response.Location),
            ("$body", response.Body)),
        durable: false,
        cancellationToken);

    public async ValueTask ReleaseAsync(string tenant, string key, CancellationToken cancellationToken) => await writer.WriteAsync(
        session => session.Execute(
            "DELETE FROM request_key WHERE tenant = $tenant AND key = $key AND status IS NULL", ("$tenant", tenant), ("$key", key)),
        durable: false,
        cancellationToken);

    public ValueTask<int> PruneAsync(DateTimeOffset now, CancellationToken cancellationToken) => writer.WriteAsync(
        session => session.Execute("DELETE FROM request_key WHERE expires_at <= $now", ("$now", SqliteText.ToMicros(now))), durable: false, cancellationToken);

    private static RequestRecord Read(SqliteSession session, string tenant, string key, bool isNew) => session.One(
        "SELECT request_hash, task_ids, status, location, body FROM request_key WHERE tenant = $tenant AND key = $key",
        row => new RequestRecord(
            isNew,
            row.GetString(0),
            JsonSerializer.Deserialize<string[]>(row.GetString(1))!,
            row.IsDBNull(2) ? null : new RequestResponse(row.GetInt32(2), row.Text(3), (byte[])row.GetValue(4))),
        ("$tenant", tenant),
        ("$key", key))!;
}
