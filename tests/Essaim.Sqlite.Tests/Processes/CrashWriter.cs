using System.Diagnostics;
using System.Text;
using Essaim.Protocol;

namespace Essaim.Sqlite.Tests.Processes;

/// <summary>
/// Publishes, claims and settles without end, and writes each step to its standard output before (small letter) and after (capital)
/// it is acknowledged. It is there to be killed.
/// </summary>
internal static class CrashWriter
{
    private static readonly CancellationToken Never = CancellationToken.None;

    public static async Task<int> RunAsync(string path)
    {
        using Stream output = Console.OpenStandardOutput();
        SqliteBackend backend = SqliteBackend.Open(path, TimeProvider.System);
        await Task.WhenAll(PublishAsync(backend.Broker, output), WorkAsync(backend.Broker, output), WorkAsync(backend.Broker, output));
        return 0;
    }

    private static async Task PublishAsync(IBroker broker, Stream output)
    {
        for (int i = 0; ; i++)
        {
            OutgoingMessage[] messages = [.. Enumerable.Range(0, 1 + (i % 4)).Select(_ => Message($"{Guid.NewGuid():N}"))];
            Say(output, messages.Select(message => $"p {message.TaskId} 0"));
            await broker.PublishAsync(new Outgoing(messages, []), Never);
            Say(output, messages.Select(message => $"P {message.TaskId} 0"));
        }
    }

    private static async Task WorkAsync(IBroker broker, Stream output)
    {
        ClaimRequest request = new() { Worker = "w", Queues = [new QueueClaim("q")], Max = 3, LeaseDuration = TimeSpan.FromSeconds(2) };
        while (true)
        {
            long before = Stopwatch.GetTimestamp();
            IReadOnlyList<Delivery> claimed = (await broker.ClaimAsync(request, Never)).Deliveries;
            Say(output, claimed.Select(delivery => $"c {delivery.TaskId} {before}").Concat(claimed.Select(delivery => $"s {delivery.TaskId} 0")));
            IReadOnlyList<SettleOutcome> outcomes = await broker.SettleAsync([.. claimed.Select(End)], Never);
            Say(output, claimed.Zip(outcomes).Where(pair => pair.Second == SettleOutcome.Settled)
                .Select(pair => $"S {pair.First.TaskId} {Stopwatch.GetTimestamp()}"));
        }
    }

    private static Settlement End(Delivery delivery)
    {
        ResultDocument result = new() { TaskId = delivery.TaskId, State = TaskState.Success };
        return new Settlement
        {
            Lease = delivery.Lease,
            Action = SettleAction.Complete,
            Results = [new ResultWrite(delivery.TaskId, TaskState.Success, result.Encode(), TimeSpan.FromDays(1))],
            Publish = HasNext(delivery.TaskId) ? Outgoing.Of(Message(Next(delivery.TaskId))) : Outgoing.Nothing,
            Completion = new Completion(delivery.TaskId, "t", TaskState.Success, "q", "w", TimeProvider.System.GetUtcNow(), TimeSpan.Zero, null),
        };
    }

    /// <summary>Some tasks have a next link, published in the step that settles them.</summary>
    internal static bool HasNext(string taskId) => taskId[0] < '8' && !taskId.EndsWith('+');

    internal static string Next(string taskId) => taskId + "+";

    private static OutgoingMessage Message(string taskId) =>
        new() { Envelope = Encoding.UTF8.GetBytes(taskId), TaskId = taskId, TaskName = "t", Queue = "q" };

    // One write each, so that a line is whole or not there.
    private static void Say(Stream output, IEnumerable<string> lines)
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
        lock (output)
            output.Write(text);
    }
}
