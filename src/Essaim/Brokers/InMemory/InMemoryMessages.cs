using System.Runtime.InteropServices;

namespace Essaim;

/// <summary>Where every message of the in-memory broker is. Not safe on several threads: its users hold the backend's gate.</summary>
internal sealed class InMemoryMessages(WorkBell bell)
{
    private static readonly Comparer<HeldMessage> ByTime = Comparer<HeldMessage>.Create(static (left, right) =>
    {
        int byTime = left.NotBefore.CompareTo(right.NotBefore);
        return byTime != 0 ? byTime : left.Id.CompareTo(right.Id);
    });

    private static readonly Comparer<HeldMessage> ByDeadline = Comparer<HeldMessage>.Create(static (left, right) =>
    {
        int byDeadline = left.LeaseDeadline.CompareTo(right.LeaseDeadline);
        return byDeadline != 0 ? byDeadline : left.Id.CompareTo(right.Id);
    });

    private readonly Dictionary<string, InMemoryQueue> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<long, HeldMessage> _byId = [];
    private readonly Dictionary<string, List<HeldMessage>> _byTask = new(StringComparer.Ordinal);
    private readonly SortedSet<HeldMessage> _delayed = new(ByTime);
    private readonly SortedSet<HeldMessage> _inFlight = new(ByDeadline);
    private long _lastNumber;

    public IEnumerable<InMemoryQueue> Queues => _queues.Values;

    public IEnumerable<HeldMessage> All => _byId.Values;

    public DateTimeOffset? NextDue => (_delayed.Min, _inFlight.Min) switch
    {
        (null, null) => null,
        ({ } delayed, null) => delayed.NotBefore,
        (null, { } held) => held.LeaseDeadline,
        ({ } delayed, { } held) => delayed.NotBefore < held.LeaseDeadline ? delayed.NotBefore : held.LeaseDeadline,
    };

    public InMemoryQueue? FindQueue(string name) => _queues.GetValueOrDefault(name);

    /// <summary>The message a lease speaks of, while the lease is the message's own.</summary>
    public HeldMessage? FindLeased(Lease lease, DateTimeOffset now) =>
        long.TryParse(lease.MessageId, out long id) && long.TryParse(lease.Token, out long token)
        && _byId.TryGetValue(id, out HeldMessage? message)
        && message.Place == MessagePlace.InFlight && message.LeaseToken == token && message.LeaseDeadline > now
            ? message
            : null;

    public HeldMessage? Find(string messageId) => long.TryParse(messageId, out long id) ? _byId.GetValueOrDefault(id) : null;

    public IReadOnlyList<HeldMessage> FindTask(string taskId) => _byTask.TryGetValue(taskId, out List<HeldMessage>? found) ? found : [];

    public void Add(OutgoingMessage outgoing, DateTimeOffset now)
    {
        HeldMessage message = new(++_lastNumber, outgoing)
        {
            Position = outgoing.KeepsPlace ? -_lastNumber : _lastNumber,
            NotBefore = outgoing.NotBefore ?? DateTimeOffset.MinValue,
            ReadySince = now,
        };
        _byId.Add(message.Id, message);
        (CollectionsMarshal.GetValueRefOrAddDefault(_byTask, outgoing.TaskId, out _) ??= []).Add(message);
        Enter(message, message.NotBefore > now ? MessagePlace.Delayed : MessagePlace.Ready);
    }

    public Delivery Lease(HeldMessage message, string worker, DateTimeOffset now, TimeSpan lease, bool revoked, string? scope = null)
    {
        Leave(message);
        DateTimeOffset deadline = now + lease;
        message.ClaimedAt = now;
        message.Scope = scope;
        message.DeliveryCount++;
        message.LeaseToken = ++_lastNumber;
        message.LeaseDeadline = deadline;
        message.Worker = worker;
        Enter(message, MessagePlace.InFlight);
        QueueOf(message).LastServed = message.LeaseToken;
        return new Delivery
        {
            Lease = LeaseOf(message),
            Queue = message.Message.Queue,
            TaskId = message.Message.TaskId,
            DeliveryCount = message.DeliveryCount,
            ReadySince = message.ReadySince,
            Revoked = revoked,
            Envelope = message.Message.Envelope,
        };
    }

    public Lease Renew(HeldMessage message, DateTimeOffset deadline)
    {
        Leave(message);
        message.LeaseDeadline = deadline;
        Enter(message, MessagePlace.InFlight);
        return LeaseOf(message);
    }

    /// <summary>Back to where it was before it was claimed.</summary>
    public void PutBack(HeldMessage message, DateTimeOffset now)
    {
        Leave(message);
        Enter(message, message.NotBefore > now ? MessagePlace.Delayed : MessagePlace.Ready);
    }

    public void PutLast(HeldMessage message, DateTimeOffset readySince)
    {
        Leave(message);
        message.Position = ++_lastNumber;
        message.NotBefore = DateTimeOffset.MinValue;
        message.ReadySince = readySince;
        Enter(message, MessagePlace.Ready);
    }

    public void Delay(HeldMessage message, DateTimeOffset notBefore)
    {
        Leave(message);
        message.NotBefore = notBefore;
        Enter(message, MessagePlace.Delayed);
    }

    public void Bury(HeldMessage message, string reason, DateTimeOffset now)
    {
        Leave(message);
        message.Position = ++_lastNumber;
        message.DeathReason = reason;
        message.DiedAt = now;
        Enter(message, MessagePlace.Dead);
    }

    public void Remove(HeldMessage message)
    {
        Leave(message);
        _byId.Remove(message.Id);
        List<HeldMessage> ofTask = _byTask[message.Message.TaskId];
        ofTask.Remove(message);
        if (ofTask.Count == 0)
            _byTask.Remove(message.Message.TaskId);
    }

    /// <summary>Makes claimable what is due. Returns how many delayed messages and how many lost leases.</summary>
    public (int Due, int Reclaimed) MakeDue(DateTimeOffset now)
    {
        int due = 0;
        int reclaimed = 0;
        for (; _delayed.Min is { } message && message.NotBefore <= now; due++)
        {
            if (message.Message.KeepsPlace)
                PutBack(message, now);
            else
                PutLast(message, message.NotBefore);
        }

        for (; _inFlight.Min is { } message && message.LeaseDeadline <= now; reclaimed++)
            PutBack(message, now);
        return (due, reclaimed);
    }

    /// <summary>Makes a queue known.</summary>
    public void Declare(string name)
    {
        if (!_queues.ContainsKey(name))
            _queues.Add(name, new InMemoryQueue(name));
    }

    /// <summary>Wakes those who listen to a queue.</summary>
    public void Ring(string queue) => bell.Ring(queue);

    /// <summary>Messages in flight, oldest claim first.</summary>
    public IEnumerable<HeldMessage> InFlight => _inFlight.OrderBy(message => message.LeaseToken);

    /// <summary>How many are in flight in a scope of limits.</summary>
    public int CountInFlight(string scope) => _inFlight.Count(message => message.Scope == scope);

    private void LeaveScope(HeldMessage message)
    {
        if (message.Scope is not { } scope)
            return;
        message.Scope = null;
        bell.Ring(message.Message.Queue);
        bell.Ring(scope);
    }

    private static Lease LeaseOf(HeldMessage message) => new($"{message.Id}", $"{message.LeaseToken}", message.LeaseDeadline);

    private InMemoryQueue QueueOf(HeldMessage message) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_queues, message.Message.Queue, out _) ??= new InMemoryQueue(message.Message.Queue);

    private void Enter(HeldMessage message, MessagePlace place)
    {
        InMemoryQueue queue = QueueOf(message);
        message.Place = place;
        switch (place)
        {
            case MessagePlace.Ready:
                queue.Ready.Add(message);
                bell.Ring(queue.Name);
                break;
            case MessagePlace.Delayed:
                _delayed.Add(message);
                queue.Delayed++;
                queue.KeptPlaces += message.Message.KeepsPlace ? 1 : 0;
                // Whoever waits may have to wake earlier than it thought.
                bell.Ring(queue.Name);
                break;
            case MessagePlace.InFlight:
                _inFlight.Add(message);
                queue.InFlight++;
                break;
            case MessagePlace.Dead:
                queue.Dead++;
                break;
        }

        if (place != MessagePlace.InFlight)
            message.Worker = null;
    }

    private void Leave(HeldMessage message)
    {
        InMemoryQueue queue = QueueOf(message);
        switch (message.Place)
        {
            case MessagePlace.Ready:
                queue.Ready.Remove(message);
                break;
            case MessagePlace.Delayed:
                _delayed.Remove(message);
                queue.Delayed--;
                queue.KeptPlaces -= message.Message.KeepsPlace ? 1 : 0;
                break;
            case MessagePlace.InFlight:
                _inFlight.Remove(message);
                queue.InFlight--;
                LeaveScope(message);
                break;
            case MessagePlace.Dead:
                queue.Dead--;
                break;
        }
    }
}
