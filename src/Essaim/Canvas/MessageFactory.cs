using Essaim.Protocol;

namespace Essaim;

/// <summary>A frozen signature of a single task as a message.</summary>
internal sealed class MessageFactory
{
    private static readonly string Origin = $"gen{Environment.ProcessId}@{Environment.MachineName}";
    private readonly TaskClientOptions _options;
    private readonly TaskRegistry? _registry;

    static MessageFactory() => BZip2Compressor.Register();

    /// <param name="options">Routes, default queue.</param>
    /// <param name="registry">Definitions of local tasks, or null.</param>
    /// <param name="clock">From which delays and expiry are counted: the broker's.</param>
    public MessageFactory(TaskClientOptions options, TaskRegistry? registry, TimeProvider clock)
    {
        _options = options;
        _registry = registry;
        Time = clock;
        Freezer = new CanvasFreezer(FindQueue, NewId);
    }

    public CanvasFreezer Freezer { get; }

    public TimeProvider Time { get; }

    public static string NewId() => NewIds.Next();

    public OutgoingMessage Create(Signature signature, RawJson args, TaskEmbed embed, string? rootId, string? parentId)
    {
        (TaskMessage message, TaskBody body) = Parts(signature, args, embed, rootId, parentId);
        return Facts(message, MessageCodec.Encode(MessageCodec.WithBody(message, body)));
    }

    /// <summary>A chord body: the message with a gap for the results.</summary>
    public (MessageTemplate Template, OutgoingMessage Message) CreateTemplate(Signature signature, TaskEmbed embed, string? rootId, string? parentId)
    {
        (TaskMessage message, TaskBody body) = Parts(signature, signature.Args, embed, rootId, parentId);
        return (MessageTemplate.Create(message, body, signature.Immutable), Facts(message, default));
    }

    /// <summary>What the broker must know of a message that is ready.</summary>
    public OutgoingMessage Facts(TaskMessage message, ReadOnlyMemory<byte> envelope) => new()
    {
        Envelope = envelope,
        TaskId = message.Id,
        TaskName = message.Task,
        Queue = message.RoutingKey,
        Exchange = message.Exchange,
        RoutingKey = message.Exchange.Length > 0 ? message.RoutingKey : "",
        Priority = message.Priority,
        NotBefore = message.Eta > Time.GetUtcNow() ? message.Eta : null,
        UniqueKey = MessageHeaders.Text(message, EssaimHeaders.Unique),
        UniqueFor = MessageHeaders.Seconds(message, EssaimHeaders.UniqueFor) ?? TimeSpan.FromHours(24),
    };

    private (TaskMessage, TaskBody) Parts(Signature signature, RawJson args, TaskEmbed embed, string? rootId, string? parentId)
    {
        SignatureOptions options = signature.Options;
        DateTimeOffset now = Time.GetUtcNow();
        string id = options.TaskId ?? NewId();
        string? requires = RequirementsOf(signature);
        string exchange = options is { Queue: null, RoutingKey: not null } ? options.Exchange ?? "" : "";
        string key = options.Queue ?? options.RoutingKey ?? FindQueue(signature.Task) ?? _options.FindDefaultQueue();
        DateTimeOffset? eta = options.Eta ?? (options.Countdown is { Ticks: > 0 } countdown ? now + countdown : null);
        TaskMessage message = new()
        {
            Id = id,
            Task = signature.Task,
            RootId = rootId ?? id,
            ParentId = parentId,
            GroupId = options.GroupId,
            GroupIndex = options.GroupIndex,
            Shadow = options.Shadow,
            Eta = eta,
            Expires = options.Expires ?? (options.ExpiresIn is { } expiresIn ? now + expiresIn : null),
            Retries = options.Retries ?? 0,
            TimeLimits = new TimeLimits(options.TimeLimit, options.SoftTimeLimit),
            ArgsRepr = PythonRepr.WriteArgs(args),
            KwargsRepr = PythonRepr.Write(signature.Kwargs),
            Origin = Origin,
            IgnoreResult = options.IgnoreResult,
            Headers = MessageHeaders.WithSent(Requirements.AddTo(options.Headers, requires), eta > now ? eta.Value : now),
            Compression = options.Compression ?? _options.FindCompression(args.Utf8.Length + signature.Kwargs.Utf8.Length),
            ReplyTo = options.ReplyTo,
            Priority = Math.Clamp(options.Priority ?? 0, 0, 9),
            Exchange = exchange,
            // Where bindings say which queues it goes to, who takes it from there moves it.
            RoutingKey = exchange.Length > 0 ? key : Requirements.QueueFor(key, requires),
            DeliveryTag = NewId(),
        };
        return (message, new TaskBody(args, signature.Kwargs, embed));
    }

    private string? RequirementsOf(Signature signature)
    {
        if (signature.Options.Headers?.ContainsKey(EssaimHeaders.Requires) == true)
            return Requirements.Of(signature.Options.Headers);
        return _registry?.TryGet(signature.Task, out TaskDefinition? definition) == true && definition.Options.Requires is { Count: > 0 } own ? Requirements.Normal(own) : null;
    }

    private string? FindQueue(string task) =>
        _options.FindRoute(task) ?? (_registry?.TryGet(task, out TaskDefinition? definition) == true ? definition.Options.Queue : null);
}
