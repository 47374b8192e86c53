using System.Runtime.ExceptionServices;

namespace Essaim.Redis;

/// <summary>
/// Wakes a worker: at once by the bell that our own producers ring, and for foreign ones by what a <see cref="ForeignLooker"/> sees or hears
/// while it waits, or by keyspace notifications.
/// </summary>
internal sealed class RedisWorkSignal : IWorkSignal
{
    /// <summary>Under a tenth of a second, and so few commands that a worker costs the server next to nothing even where it tracks nothing.</summary>
    public static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(90);

    private static readonly TimeSpan SlowLookPeriod = TimeSpan.FromSeconds(2);
    private readonly RedisLink _link;
    private readonly Latch _latch;
    private readonly string[] _lists;
    private readonly ForeignLooker _looker;
    private readonly List<IAsyncDisposable> _subscriptions = [];
    private bool _hasNotices;
    private int _mayBeMute;

    private RedisWorkSignal(RedisLink link, IReadOnlyList<string> queues)
    {
        _link = link;
        _latch = new Latch(link.Clock.Time, goesOnHere: true);
        _lists = [.. queues.SelectMany(queue => link.Settings.PrioritySteps.Select(step => link.Keys.List(queue, step)))];
        _looker = new ForeignLooker(link, _lists, link.Settings.Wake != WakeMode.Poll, Ring) { Period = LookPeriod };
    }

    public static async ValueTask<IWorkSignal> OpenAsync(RedisLink link, IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        RedisWorkSignal signal = new(link, queues);
        try
        {
            RedisSubscriber subscriber = await link.Client.GetSubscriberAsync(cancellationToken);
            foreach (string queue in queues)
                await signal.SubscribeAsync(subscriber, link.Keys.Bell(queue), cancellationToken);
            if (link.Settings.Wake == WakeMode.Keyspace && await KeyspaceNotices.TryEnableAsync(link.Client, cancellationToken))
            {
                foreach (string list in signal._lists)
                    await signal.SubscribeAsync(subscriber, $"__keyspace@{link.Keys.Database}__:{list}", cancellationToken);
                signal._looker.Period = SlowLookPeriod;
                signal._hasNotices = true;
            }

            return signal;
        }
        catch
        {
            await signal.DisposeAsync();
            throw;
        }
    }

    public async ValueTask WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        if (_hasNotices && Volatile.Read(ref _mayBeMute) == 1 && await RenewNoticesAsync(cancellationToken))
            return;
        _looker.Start();
        try
        {
            await _latch.WaitAsync(atMost, cancellationToken);
        }
        finally
        {
            _looker.Stop();
        }

        if (_looker.TakeFailure() is { } failure)
            ExceptionDispatchInfo.Throw(failure);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable subscription in _subscriptions)
            await subscription.DisposeAsync();
        _subscriptions.Clear();
        await _looker.DisposeAsync();
    }

    private async ValueTask SubscribeAsync(RedisSubscriber subscriber, string channel, CancellationToken cancellationToken) =>
        _subscriptions.Add(await subscriber.SubscribeAsync(channel, pattern: false, _ => Ring(), cancellationToken, OnResubscribed));

    private void OnResubscribed()
    {
        Volatile.Write(ref _mayBeMute, 1);
        Ring();
    }

    private void Ring() => _latch.Set();

    /// <summary>A server that was started anew, or took over, was not told to send notices. True where something may have come until it was.</summary>
    private async ValueTask<bool> RenewNoticesAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _mayBeMute, 0);
        try
        {
            _looker.Period = await KeyspaceNotices.TryEnableAsync(_link.Client, cancellationToken) ? SlowLookPeriod : LookPeriod;
            return await IsAnythingThereAsync(cancellationToken);
        }
        catch
        {
            Volatile.Write(ref _mayBeMute, 1);
            throw;
        }
    }

    private async ValueTask<bool> IsAnythingThereAsync(CancellationToken cancellationToken)
    {
        RespCommand command = new("EXISTS", idempotent: true);
        foreach (string list in _lists)
            command.Add(list);
        return (await _link.Client.SendAsync(command, cancellationToken)).AsInteger() > 0;
    }
}
