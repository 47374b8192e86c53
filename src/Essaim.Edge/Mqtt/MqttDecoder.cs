namespace Essaim.Edge;

/// <summary>Reads the packets brokers send. Of bytes that are none comes <see cref="MqttException"/> <c>ESS6104</c> and nothing else.</summary>
internal static class MqttDecoder
{
    /// <summary>One whole packet, as <see cref="MqttFraming"/> cut it.</summary>
    /// <exception cref="MqttException"><c>ESS6104</c>.</exception>
    public static MqttPacket Decode(ReadOnlySpan<byte> packet, MqttVersion version)
    {
        MqttReader reader = new(packet);
        byte first = reader.Byte();
        reader.VariableInteger();
        MqttPacketKind kind = (MqttPacketKind)(first >> 4);
        if (kind == MqttPacketKind.Publish)
            return Publish(ref reader, first, version);
        if ((first & 0x0f) != 0)
            throw MqttException.NotMqtt($"a packet that begins with 0x{first:x2}");
        MqttPacket read = kind switch
        {
            MqttPacketKind.ConnAck => ConnAck(ref reader, version),
            MqttPacketKind.PubAck => PubAck(ref reader, version),
            MqttPacketKind.SubAck => SubAck(ref reader, version),
            MqttPacketKind.PingResp => new MqttPacket { Kind = kind },
            MqttPacketKind.Disconnect when version == MqttVersion.V5 => Disconnect(ref reader),
            _ => throw MqttException.NotMqtt($"a packet no broker sends to this client (0x{first:x2})", MqttReason.ProtocolError),
        };
        return reader.IsAtEnd ? read : throw MqttException.NotMqtt("a packet with bytes behind its end");
    }

    private static MqttPacket ConnAck(ref MqttReader reader, MqttVersion version)
    {
        byte flags = reader.Byte();
        if (flags > 1)
            throw MqttException.NotMqtt("an answer to CONNECT with unknown flags");
        byte code = reader.Byte();
        // A broker that knows 3.1.1 only answers a CONNECT of version 5 in its own way: without properties.
        bool isOld = version == MqttVersion.V311 || reader.IsAtEnd;
        return new MqttPacket
        {
            Kind = MqttPacketKind.ConnAck,
            SessionPresent = flags == 1,
            Reason = isOld ? MqttReasons.FromReturnCode(code) : (MqttReason)code,
            Properties = isOld ? null : MqttPropertyReader.Read(ref reader, MqttPacketKind.ConnAck),
        };
    }

    private static MqttPacket Publish(ref MqttReader reader, byte first, MqttVersion version)
    {
        int qos = (first >> 1) & 3;
        bool isDuplicate = (first & 8) != 0;
        if (qos > 1 || (isDuplicate && qos == 0))
            throw MqttException.NotMqtt($"a message with QoS {qos}{(isDuplicate ? " that is said to be a repetition" : ", which was not asked for")}", MqttReason.ProtocolError);
        string topic = reader.Text();
        if (topic.Length == 0 || topic.AsSpan().ContainsAny('+', '#'))
            throw MqttException.NotMqtt("a message whose topic is no topic", MqttReason.TopicNameInvalid);
        ushort id = qos == 0 ? (ushort)0 : reader.NonZeroShort("a message number");
        MqttProperties? properties = version == MqttVersion.V5 ? MqttPropertyReader.Read(ref reader, MqttPacketKind.Publish) : null;
        MqttMessage message = new(topic, reader.TakeRest().ToArray(), (MqttQos)qos, (first & 1) != 0, properties);
        return new MqttPacket { Kind = MqttPacketKind.Publish, Id = id, Message = message, Properties = properties };
    }

    private static MqttPacket PubAck(ref MqttReader reader, MqttVersion version)
    {
        ushort id = reader.NonZeroShort("a message number");
        if (version == MqttVersion.V311 || reader.IsAtEnd)
            return new MqttPacket { Kind = MqttPacketKind.PubAck, Id = id };
        MqttReason reason = (MqttReason)reader.Byte();
        MqttProperties? properties = reader.IsAtEnd ? null : MqttPropertyReader.Read(ref reader, MqttPacketKind.PubAck);
        return new MqttPacket { Kind = MqttPacketKind.PubAck, Id = id, Reason = reason, Properties = properties };
    }

    private static MqttPacket SubAck(ref MqttReader reader, MqttVersion version)
    {
        ushort id = reader.NonZeroShort("a subscription number");
        MqttProperties? properties = version == MqttVersion.V5 ? MqttPropertyReader.Read(ref reader, MqttPacketKind.SubAck) : null;
        ReadOnlySpan<byte> codes = reader.TakeRest();
        if (codes.IsEmpty)
            throw MqttException.NotMqtt("an answer to SUBSCRIBE without a reason", MqttReason.ProtocolError);
        MqttReason[] reasons = new MqttReason[codes.Length];
        for (int i = 0; i < codes.Length; i++)
            reasons[i] = (MqttReason)codes[i];
        return new MqttPacket { Kind = MqttPacketKind.SubAck, Id = id, Reasons = reasons, Properties = properties };
    }

    private static MqttPacket Disconnect(ref MqttReader reader)
    {
        if (reader.IsAtEnd)
            return new MqttPacket { Kind = MqttPacketKind.Disconnect };
        MqttReason reason = (MqttReason)reader.Byte();
        MqttProperties? properties = reader.IsAtEnd ? null : MqttPropertyReader.Read(ref reader, MqttPacketKind.Disconnect);
        return new MqttPacket { Kind = MqttPacketKind.Disconnect, Reason = reason, Properties = properties };
    }
}
