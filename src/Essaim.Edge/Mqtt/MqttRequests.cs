namespace Essaim.Edge;

/// <summary>Waits for the broker's answer to a numbered packet.</summary>
internal interface IMqttRequest
{
    /// <summary>When it was sent.</summary>
    long SentAt { get; }

    void Fail(MqttException error);
}

/// <summary>A QoS 1 message on its way.</summary>
internal sealed class MqttPublishing(string topic, ReadOnlyMemory<byte> payload, bool retain, MqttProperties? properties, int size)
    : TaskCompletionSource<MqttReason>(TaskCreationOptions.RunContinuationsAsynchronously), IMqttRequest
{
    public string Topic => topic;

    public ReadOnlyMemory<byte> Payload => payload;

    public bool Retain => retain;

    public MqttProperties? Properties => properties;

    /// <summary>Bytes of its packet.</summary>
    public int Size => size;

    /// <summary>Its caller waits no more; it need not be sent.</summary>
    public bool IsAbandoned { get; set; }

    public long SentAt { get; set; }

    public void Fail(MqttException error) => TrySetException(error);
}

/// <summary>A subscription on its way.</summary>
internal sealed class MqttSubscribing(int count, long sentAt)
    : TaskCompletionSource<IReadOnlyList<MqttReason>>(TaskCreationOptions.RunContinuationsAsynchronously), IMqttRequest
{
    /// <summary>How many filters it has.</summary>
    public int Count => count;

    public long SentAt => sentAt;

    public void Fail(MqttException error) => TrySetException(error);
}
