using System.Globalization;

namespace Essaim.Redis;

/// <summary>Queues in numbers, who holds what, and why a queue is paused.</summary>
internal sealed class QueueFacts(RedisLink link)
{
    private const int FieldsOfAQueue = 8;
    private const int FieldsOfAHolder = 4;

    public async ValueTask<IReadOnlyList<QueueStatus>> GetQueuesAsync(CancellationToken cancellationToken)
    {
        RespCommand command = link.Call(RedisScripts.Queues, idempotent: true).Add(link.Steps);
        RespReader reader = (await link.EvalAsync(RedisScripts.Queues, command, cancellationToken)).Read();
        int left = reader.ReadArray();
        List<QueueStatus> queues = [];
        for (; left > 0; left -= FieldsOfAQueue)
        {
            string name = reader.ReadText()!;
            (long ready, long delayed, long held, long dead) = (reader.ReadInteger(), reader.ReadInteger(), reader.ReadInteger(), reader.ReadInteger());
            DateTimeOffset? oldest = long.TryParse(reader.ReadText(), out long sent) ? DateTimeOffset.FromUnixTimeMilliseconds(sent) : null;
            queues.Add(new QueueStatus(name, ready, delayed, held, dead, oldest)
            {
                Paused = Read(reader.ReadText()!),
                RateFreeAt = long.TryParse(reader.ReadText(), out long free) ? DateTimeOffset.FromUnixTimeMilliseconds(free) : null,
            });
        }

        return [.. queues.OrderBy(queue => queue.Name, StringComparer.Ordinal)];
    }

    public async ValueTask<IReadOnlyList<MessageHolder>> GetHoldersAsync(string queue, int max, CancellationToken cancellationToken)
    {
        RespCommand command = link.Call(RedisScripts.Holders, idempotent: true).Add(queue).Add(max);
        RespReader reader = (await link.EvalAsync(RedisScripts.Holders, command, cancellationToken)).Read();
        int left = reader.ReadArray();
        List<MessageHolder> holders = [];
        for (; left > 0; left -= FieldsOfAHolder)
        {
            (string taskId, string worker) = (reader.ReadText()!, reader.ReadText()!);
            DateTimeOffset claimedAt = Time(reader.ReadText()!);
            holders.Add(new MessageHolder(taskId, worker, claimedAt, Time(reader.ReadText()!)));
        }

        return holders;
    }

    /// <summary>A pause as its hash keeps it: when, by whom and why, a line each; the reason may have lines of its own.</summary>
    public static string Write(QueuePause pause) =>
        string.Create(CultureInfo.InvariantCulture, $"{pause.At.UtcTicks}\n{pause.By.ReplaceLineEndings(" ")}\n{pause.Reason}");

    private static QueuePause? Read(string text) =>
        text.Split('\n', 3) is [var at, var by, var reason] && long.TryParse(at, out long ticks)
            ? new QueuePause(reason, by, new DateTimeOffset(ticks, TimeSpan.Zero))
            : null;

    private static DateTimeOffset Time(string score) => DateTimeOffset.FromUnixTimeMilliseconds((long)double.Parse(score, CultureInfo.InvariantCulture));
}
