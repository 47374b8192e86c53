using System.Text.Json;
using Essaim.Protocol;

namespace Essaim.Sqlite;

/// <summary>Requests to nodes and their replies.</summary>
internal static class ControlRows
{
    public static long Send(WriteStep step, ControlRequest request, bool wantsReply)
    {
        long id = step.NextNumber();
        step.Db.Use("INSERT INTO control_requests (id, sent_at, method, wants_reply, destination, arguments) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
            .Add(id)
            .Add(step.Now.UtcTicks)
            .Add(request.Method)
            .Add(wantsReply ? 1L : 0L)
            .Add(request.Destination is null ? null : JsonSerializer.Serialize(request.Destination))
            .Add(request.Arguments.Utf8.Span)
            .Run();
        step.News.Control = true;
        return id;
    }

    public static void Reply(WriteStep step, long requestId, ControlReply reply)
    {
        step.Db.Use("INSERT INTO control_replies (request_id, node, value) VALUES (?1, ?2, ?3)")
            .Add(requestId).Add(reply.Node).Add(reply.Value.Utf8.Span).Run();
        step.News.Control = true;
    }

    public static long ReadLastId(Database database) => database.Use("SELECT max(id) FROM control_requests").ReadNumber() ?? 0;

    public static List<(long Id, bool WantsReply, ControlRequest Request)> ReadRequests(Database database, long after)
    {
        List<(long, bool, ControlRequest)> requests = [];
        Statement select = database.Use(
            "SELECT id, wants_reply, method, destination, arguments FROM control_requests WHERE id > ?1 ORDER BY id").Add(after);
        while (select.Step())
        {
            string[]? destination = select.GetNullableText(3) is { } json ? JsonSerializer.Deserialize<string[]>(json) : null;
            requests.Add((
                select.GetInt64(0), select.GetInt64(1) == 1,
                new ControlRequest(select.GetText(2), new RawJson(select.GetBytes(4)), destination)));
        }

        return requests;
    }

    public static List<ControlReply> ReadReplies(Database database, long requestId)
    {
        List<ControlReply> replies = [];
        Statement select = database.Use("SELECT node, value FROM control_replies WHERE request_id = ?1 ORDER BY id").Add(requestId);
        while (select.Step())
            replies.Add(new ControlReply(select.GetText(0), new RawJson(select.GetBytes(1))));
        return replies;
    }
}
