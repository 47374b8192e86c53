namespace Essaim.Edge;

/// <summary>Reads the properties of a packet of MQTT 5: those of use are kept, the others are known and passed over.</summary>
internal static class MqttPropertyReader
{
    private enum Field
    {
        Byte,
        Short,
        Long,
        Number,
        Text,
        Binary,
        Pair,
    }

    /// <summary>The properties, or null where there are none.</summary>
    public static MqttProperties? Read(ref MqttReader packet, MqttPacketKind kind)
    {
        int length = packet.VariableInteger();
        if (length == 0)
            return null;
        MqttReader reader = new(packet.Take(length));
        MqttProperties properties = new();
        List<KeyValuePair<string, string>> user = [];
        ulong seen = 0;
        while (!reader.IsAtEnd)
        {
            int id = reader.VariableInteger();
            // Only one's own names and subscription numbers may stand there more than once.
            if (id > 42 || FieldOf(id, kind) is not { } field || (id is not (11 or 38) && (seen & (1ul << id)) != 0))
                throw MqttException.NotMqtt($"a property ({id}) that has no place there", MqttReason.ProtocolError);
            seen |= 1ul << id;
            if (!TryKeep(ref reader, id, properties, user))
                Pass(ref reader, field);
        }

        properties.User = user;
        return properties;
    }

    private static bool TryKeep(ref MqttReader reader, int id, MqttProperties properties, List<KeyValuePair<string, string>> user)
    {
        switch (id)
        {
            case 2:
                properties.MessageExpiry = reader.Long();
                return true;
            case 3:
                properties.ContentType = reader.Text();
                return true;
            case 8:
                properties.ResponseTopic = reader.Text();
                return true;
            case 9:
                properties.CorrelationData = reader.Binary().ToArray();
                return true;
            case 18:
                properties.AssignedClientId = reader.Text();
                return true;
            case 19:
                properties.ServerKeepAlive = reader.Short();
                return true;
            case 28:
                properties.ServerReference = reader.Text();
                return true;
            case 31:
                properties.ReasonString = reader.Text();
                return true;
            case 33:
                properties.ReceiveMaximum = reader.NonZeroShort("a receive maximum");
                return true;
            case 36:
                properties.MaximumQos = reader.Flag() ? (byte)1 : (byte)0;
                return true;
            case 37:
                properties.RetainAvailable = reader.Flag();
                return true;
            case 38:
                user.Add(new KeyValuePair<string, string>(reader.Text(), reader.Text()));
                return true;
            case 39:
                uint most = reader.Long();
                properties.MaximumPacketSize = most > 0 ? most : throw MqttException.NotMqtt("a largest packet of 0 bytes", MqttReason.ProtocolError);
                return true;
            default:
                return false;
        }
    }

    private static void Pass(ref MqttReader reader, Field field)
    {
        switch (field)
        {
            case Field.Byte:
                reader.Byte();
                break;
            case Field.Short:
                reader.Short();
                break;
            case Field.Long:
                reader.Long();
                break;
            case Field.Number:
                reader.VariableInteger();
                break;
            case Field.Text:
                reader.Text();
                break;
            default:
                reader.Binary();
                break;
        }
    }

    /// <summary>How a property is written, or null where it has no place in such a packet of a broker. A topic alias has none: the client offers none.</summary>
    private static Field? FieldOf(int id, MqttPacketKind kind) => (id, kind) switch
    {
        (1, MqttPacketKind.Publish) => Field.Byte,
        (2, MqttPacketKind.Publish) => Field.Long,
        (3 or 8, MqttPacketKind.Publish) => Field.Text,
        (9, MqttPacketKind.Publish) => Field.Binary,
        (11, MqttPacketKind.Publish) => Field.Number,
        (17, MqttPacketKind.ConnAck) => Field.Long,
        (18 or 21 or 26, MqttPacketKind.ConnAck) => Field.Text,
        (28, MqttPacketKind.ConnAck or MqttPacketKind.Disconnect) => Field.Text,
        (19 or 33 or 34, MqttPacketKind.ConnAck) => Field.Short,
        (22, MqttPacketKind.ConnAck) => Field.Binary,
        (36 or 37 or 40 or 41 or 42, MqttPacketKind.ConnAck) => Field.Byte,
        (39, MqttPacketKind.ConnAck) => Field.Long,
        (31, not MqttPacketKind.Publish) => Field.Text,
        (38, _) => Field.Pair,
        _ => null,
    };
}
