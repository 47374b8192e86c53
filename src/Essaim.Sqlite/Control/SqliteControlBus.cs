using Essaim.Protocol;

namespace Essaim.Sqlite;

/// <summary>Remote control through the file.</summary>
internal sealed class SqliteControlBus(SqliteEngine engine) : IControlBus
{
    public async ValueTask CastAsync(ControlRequest request, CancellationToken cancellationToken) =>
        await engine.WriteAsync(step => ControlRows.Send(step, request, wantsReply: false), durable: false, cancellationToken);

    public async ValueTask<IReadOnlyList<ControlReply>> CallAsync(ControlRequest request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        long start = engine.Time.GetTimestamp();
        Latch news = engine.ControlListeners.Add();
        try
        {
            long id = await engine.WriteAsync(step => ControlRows.Send(step, request, wantsReply: true), durable: false, cancellationToken);
            while (true)
            {
                List<ControlReply> replies = engine.Read(database => ControlRows.ReadReplies(database, id));
                TimeSpan left = timeout - engine.Time.GetElapsedTime(start);
                if (left <= TimeSpan.Zero || ControlReplies.IsComplete(request.Destination, replies))
                    return replies;
                await news.WaitAsync(left, cancellationToken);
            }
        }
        finally
        {
            engine.ControlListeners.Remove(news);
        }
    }

    public Task ServeAsync(string node, Func<ControlRequest, CancellationToken, ValueTask<RawJson?>> handler, CancellationToken cancellationToken) =>
        ServeAsync(node, handler, engine.Read(ControlRows.ReadLastId), cancellationToken);

    private async Task ServeAsync(
        string node, Func<ControlRequest, CancellationToken, ValueTask<RawJson?>> handler, long seen, CancellationToken cancellationToken)
    {
        Latch news = engine.ControlListeners.Add();
        try
        {
            while (true)
            {
                foreach ((long id, bool wantsReply, ControlRequest request) in engine.Read(database => ControlRows.ReadRequests(database, seen)))
                {
                    seen = id;
                    if (!(request.Destination?.Contains(node) ?? true))
                        continue;
                    RawJson? answer = await ControlAnswer.GetAsync(handler, request, cancellationToken);
                    if (wantsReply && answer is { } value)
                        await engine.WriteAsync(step => ControlRows.Reply(step, id, new ControlReply(node, value)), durable: false, cancellationToken);
                }

                await news.WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);
            }
        }
        finally
        {
            engine.ControlListeners.Remove(news);
        }
    }
}
