using System.Globalization;

namespace Essaim.Redis;

/// <summary>Logs of tasks: a stream each, whose entries are named by where their piece ends, and a hash with mark and length.</summary>
internal sealed class RedisLogStore(RedisLink link) : ITaskLogStore
{
    public async ValueTask<TaskLogState?> FindAsync(string taskId, CancellationToken cancellationToken)
    {
        RespCommand command = new RespCommand("HMGET", idempotent: true).Add($"{link.Keys.Own}log-state:{taskId}").Add("length"u8).Add("mark"u8);
        RespReader reader = (await link.Client.SendAsync(command, cancellationToken)).Read();
        reader.ReadArray();
        if (reader.PeekIsNull())
            return null;
        long length = reader.ReadInteger();
        return new TaskLogState(length, reader.ReadText() ?? "");
    }

    public async ValueTask<string?> AppendAsync(TaskLogAppend append, CancellationToken cancellationToken)
    {
        TimeSpan keep = LogPieces.Check(append);
        RespCommand command = link.Call(RedisScripts.LogAppend, idempotent: true, sizeHint: 512 + append.Pieces.Sum(piece => piece.Bytes.Length + 64))
            .Add(append.TaskId).Add(append.After ?? "").Add(append.Mark).Add(PublishOps.Milliseconds(keep));
        foreach (TaskLogPiece piece in append.Pieces)
            command.Add((long)piece.Source).Add(piece.At.ToUnixTimeMilliseconds()).Add(piece.Bytes);
        return (await link.EvalAsync(RedisScripts.LogAppend, command, cancellationToken)).AsText() is { Length: > 0 } mark ? mark : null;
    }

    public async ValueTask<IReadOnlyList<TaskLogPiece>> ReadAsync(string taskId, long from, int max, TimeSpan wait, CancellationToken cancellationToken)
    {
        using RespCommand look = Read(taskId, from, max, TimeSpan.Zero);
        List<TaskLogPiece> pieces = Pieces(await link.Client.SendAsync(look, cancellationToken), from);
        if (pieces.Count > 0 || wait <= TimeSpan.Zero)
            return pieces;
        using RespCommand block = Read(taskId, from, max, wait);
        return Pieces(await link.Client.SendBlockingAsync(block, wait, cancellationToken), from);
    }

    private RespCommand Read(string taskId, long from, int max, TimeSpan wait)
    {
        RespCommand command = new RespCommand("XREAD", idempotent: true).Add("COUNT"u8).Add(max);
        if (wait > TimeSpan.Zero)
            command.Add("BLOCK"u8).Add(Math.Max(1, (long)wait.TotalMilliseconds));
        return command.Add("STREAMS"u8).Add($"{link.Keys.Own}log:{taskId}").Add(string.Create(CultureInfo.InvariantCulture, $"{from}-0"));
    }

    private static List<TaskLogPiece> Pieces(RespReply reply, long from)
    {
        if (reply.IsNull)
            return [];
        RespReader reader = reply.Read();
        // RESP2 has a list of [key, entries], RESP3 a map.
        bool isMap = reader.Peek() == RespKind.Map;
        reader.ReadArray();
        if (!isMap)
            reader.ReadArray();
        reader.Skip();
        int count = reader.ReadArray();
        List<TaskLogPiece> pieces = new(Math.Max(0, count));
        for (; count > 0; count--)
        {
            reader.ReadArray();
            string id = reader.ReadText()!;
            long end = long.Parse(id.AsSpan(0, id.IndexOf('-', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
            reader.ReadArray();
            reader.Skip();
            TaskLogSource source = (TaskLogSource)reader.ReadInteger();
            reader.Skip();
            DateTimeOffset at = DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInteger());
            reader.Skip();
            ReadOnlyMemory<byte> bytes = reader.ReadBytes() ?? default;
            pieces.Add(LogPieces.From(new TaskLogPiece(source, at, bytes) { Offset = end - bytes.Length }, from));
        }

        return pieces;
    }
}
