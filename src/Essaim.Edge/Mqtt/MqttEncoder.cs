using System.Buffers;

namespace Essaim.Edge;

/// <summary>Writes the packets a client sends.</summary>
internal static class MqttEncoder
{
    /// <summary>The largest packet of the protocol, without its first five bytes.</summary>
    public const int MostBytes = 268_435_455;

    public static void Connect(ArrayBufferWriter<byte> output, MqttOptions options, MqttVersion version)
    {
        MqttWill? will = options.Will();
        int properties = version == MqttVersion.V5 ? 3 + 5 : 0;
        int length = 6 + 1 + 1 + 2 + PropertyLength(version, properties) + MqttWriter.SizeOf(options.ClientId)
            + (will is null ? 0 : PropertyLength(version, 0) + MqttWriter.SizeOf(will.Topic) + 2 + will.Payload.Length)
            + (options.UserName is null ? 0 : MqttWriter.SizeOf(options.UserName)) + (options.Password is null ? 0 : MqttWriter.SizeOf(options.Password));
        MqttWriter writer = Begin(output, (byte)MqttPacketKind.Connect << 4, length);
        writer.Text("MQTT");
        writer.Byte((byte)version);
        // Always a clean start: the outbox is the session.
        writer.Byte((byte)(0x02
            | (will is null ? 0 : 0x04 | ((byte)will.Qos << 3) | (will.Retain ? 0x20 : 0))
            | (options.Password is null ? 0 : 0x40) | (options.UserName is null ? 0 : 0x80)));
        writer.Short((int)Math.Ceiling(options.KeepAlive.TotalSeconds));
        if (version == MqttVersion.V5)
        {
            writer.VariableInteger(properties);
            writer.Byte(33);
            writer.Short(options.ReceiveMaximum);
            writer.Byte(39);
            writer.Long((uint)options.MaximumPacketSize);
        }

        writer.Text(options.ClientId);
        if (will is not null)
        {
            if (version == MqttVersion.V5)
                writer.VariableInteger(0);
            writer.Text(will.Topic);
            writer.Binary(will.Payload.Span);
        }

        if (options.UserName is not null)
            writer.Text(options.UserName);
        if (options.Password is not null)
            writer.Text(options.Password);
    }

    /// <summary>How many bytes <see cref="Publish"/> writes.</summary>
    public static int SizeOfPublish(MqttVersion version, string topic, int payload, MqttQos qos, MqttProperties? properties)
    {
        int length = PublishLength(version, topic, payload, qos, properties);
        return 1 + MqttWriter.SizeOf(length) + length;
    }

    public static void Publish(ArrayBufferWriter<byte> output, MqttVersion version, string topic, ReadOnlySpan<byte> payload, MqttQos qos, bool retain, ushort id, MqttProperties? properties)
    {
        byte first = (byte)(((byte)MqttPacketKind.Publish << 4) | ((byte)qos << 1) | (retain ? 1 : 0));
        MqttWriter writer = Begin(output, first, PublishLength(version, topic, payload.Length, qos, properties));
        writer.Text(topic);
        if (qos != MqttQos.AtMostOnce)
            writer.Short(id);
        if (version == MqttVersion.V5)
            Properties(ref writer, properties);
        writer.Raw(payload);
    }

    public static void PubAck(ArrayBufferWriter<byte> output, ushort id)
    {
        MqttWriter writer = Begin(output, (byte)MqttPacketKind.PubAck << 4, 2);
        writer.Short(id);
    }

    public static void Subscribe(ArrayBufferWriter<byte> output, MqttVersion version, ushort id, ReadOnlySpan<MqttSubscription> subscriptions)
    {
        int length = 2 + PropertyLength(version, 0);
        foreach (MqttSubscription subscription in subscriptions)
            length += MqttWriter.SizeOf(subscription.Filter) + 1;
        MqttWriter writer = Begin(output, ((byte)MqttPacketKind.Subscribe << 4) | 2, length);
        writer.Short(id);
        if (version == MqttVersion.V5)
            writer.VariableInteger(0);
        foreach (MqttSubscription subscription in subscriptions)
        {
            writer.Text(subscription.Filter);
            writer.Byte((byte)subscription.Qos);
        }
    }

    public static void PingReq(ArrayBufferWriter<byte> output) => Begin(output, (byte)MqttPacketKind.PingReq << 4, 0);

    public static void Disconnect(ArrayBufferWriter<byte> output, MqttVersion version, MqttReason reason)
    {
        bool says = version == MqttVersion.V5 && reason != MqttReason.Success;
        MqttWriter writer = Begin(output, (byte)MqttPacketKind.Disconnect << 4, says ? 1 : 0);
        if (says)
            writer.Byte((byte)reason);
    }

    private static MqttWriter Begin(ArrayBufferWriter<byte> output, int first, int length)
    {
        int size = 1 + MqttWriter.SizeOf(length) + length;
        MqttWriter writer = new(output.GetSpan(size)[..size]);
        output.Advance(size);
        writer.Byte((byte)first);
        writer.VariableInteger(length);
        return writer;
    }

    private static int PublishLength(MqttVersion version, string topic, int payload, MqttQos qos, MqttProperties? properties)
    {
        long length = MqttWriter.SizeOf(topic) + (qos == MqttQos.AtMostOnce ? 0L : 2L) + PropertyLength(version, SizeOf(properties)) + payload;
        return length <= MostBytes ? (int)length : throw new ArgumentException($"A message of {length} bytes is larger than MQTT's largest packet ({MostBytes}).", nameof(payload));
    }

    private static int PropertyLength(MqttVersion version, int properties) => version == MqttVersion.V5 ? MqttWriter.SizeOf(properties) + properties : 0;

    private static int SizeOf(MqttProperties? properties)
    {
        if (properties is null)
            return 0;
        int size = (properties.MessageExpiry is null ? 0 : 5)
            + (properties.ContentType is null ? 0 : 1 + MqttWriter.SizeOf(properties.ContentType))
            + (properties.ResponseTopic is null ? 0 : 1 + MqttWriter.SizeOf(properties.ResponseTopic))
            + (properties.CorrelationData is null ? 0 : 3 + properties.CorrelationData.Value.Length);
        foreach ((string name, string value) in properties.User)
            size += 1 + MqttWriter.SizeOf(name) + MqttWriter.SizeOf(value);
        return size;
    }

    private static void Properties(ref MqttWriter writer, MqttProperties? properties)
    {
        writer.VariableInteger(SizeOf(properties));
        if (properties is null)
            return;
        if (properties.MessageExpiry is { } expiry)
        {
            writer.Byte(2);
            writer.Long(expiry);
        }

        if (properties.ContentType is { } type)
        {
            writer.Byte(3);
            writer.Text(type);
        }

        if (properties.ResponseTopic is { } topic)
        {
            writer.Byte(8);
            writer.Text(topic);
        }

        if (properties.CorrelationData is { } correlation)
        {
            writer.Byte(9);
            writer.Binary(correlation.Span);
        }

        foreach ((string name, string value) in properties.User)
        {
            writer.Byte(38);
            writer.Text(name);
            writer.Text(value);
        }
    }
}
