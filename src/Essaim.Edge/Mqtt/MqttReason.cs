namespace Essaim.Edge;

/// <summary>Why a broker does or does not do something; the reason codes of MQTT 5. From 0x80 on it did not.</summary>
internal enum MqttReason : byte
{
    /// <summary>Done; for a subscription: taken with QoS 0.</summary>
    Success = 0x00,

    /// <summary>A subscription was taken with QoS 1.</summary>
    GrantedQos1 = 0x01,

    /// <summary>Taken, but nobody is subscribed.</summary>
    NoMatchingSubscribers = 0x10,

    /// <summary>No reason given. Also what a connection that just ended has.</summary>
    UnspecifiedError = 0x80,
    MalformedPacket = 0x81,
    ProtocolError = 0x82,
    ImplementationSpecificError = 0x83,
    UnsupportedProtocolVersion = 0x84,
    ClientIdentifierNotValid = 0x85,
    BadUserNameOrPassword = 0x86,
    NotAuthorized = 0x87,
    ServerUnavailable = 0x88,
    ServerBusy = 0x89,
    Banned = 0x8A,
    ServerShuttingDown = 0x8B,
    BadAuthenticationMethod = 0x8C,
    KeepAliveTimeout = 0x8D,
    SessionTakenOver = 0x8E,
    TopicFilterInvalid = 0x8F,
    TopicNameInvalid = 0x90,
    PacketIdentifierInUse = 0x91,
    ReceiveMaximumExceeded = 0x93,
    TopicAliasInvalid = 0x94,

    /// <summary>Larger than the broker takes. Said by the client itself, too: then nothing was sent.</summary>
    PacketTooLarge = 0x95,
    MessageRateTooHigh = 0x96,

    /// <summary>A limit is reached. The client says so of a QoS 0 message it dropped because its send buffer is full.</summary>
    QuotaExceeded = 0x97,
    AdministrativeAction = 0x98,
    PayloadFormatInvalid = 0x99,

    /// <summary>The broker keeps no messages. Said by the client itself, too.</summary>
    RetainNotSupported = 0x9A,

    /// <summary>The broker takes QoS 0 only. Said by the client itself, too.</summary>
    QosNotSupported = 0x9B,
    UseAnotherServer = 0x9C,
    ServerMoved = 0x9D,
    SharedSubscriptionsNotSupported = 0x9E,
    ConnectionRateExceeded = 0x9F,
    MaximumConnectTime = 0xA0,
    SubscriptionIdentifiersNotSupported = 0xA1,
    WildcardSubscriptionsNotSupported = 0xA2,
}

/// <summary>What reason codes mean, in words.</summary>
internal static class MqttReasons
{
    /// <summary>The broker did not do it.</summary>
    public static bool IsRefusal(this MqttReason reason) => reason >= MqttReason.UnspecifiedError;

    /// <summary>Trying again soon will not help: someone has to change credentials or rights first.</summary>
    public static bool NeedsAPerson(this MqttReason reason) => reason
        is MqttReason.ClientIdentifierNotValid or MqttReason.BadUserNameOrPassword or MqttReason.NotAuthorized or MqttReason.Banned
        or MqttReason.BadAuthenticationMethod;

    /// <summary>Words and number: <c>bad user name or password (0x86)</c>.</summary>
    public static string InWords(this MqttReason reason)
    {
        string name = Enum.IsDefined(reason) ? reason.ToString() : "ReasonUnknown";
        string words = string.Concat(name.Select((letter, at) => at > 0 && char.IsUpper(letter) ? " " + char.ToLowerInvariant(letter) : letter.ToString()));
        return $"{char.ToLowerInvariant(words[0])}{words[1..]} (0x{(byte)reason:x2})";
    }

    /// <summary>The code of MQTT 5 for a return code of a CONNACK of MQTT 3.1.1.</summary>
    public static MqttReason FromReturnCode(byte code) => code switch
    {
        0 => MqttReason.Success,
        1 => MqttReason.UnsupportedProtocolVersion,
        2 => MqttReason.ClientIdentifierNotValid,
        3 => MqttReason.ServerUnavailable,
        4 => MqttReason.BadUserNameOrPassword,
        5 => MqttReason.NotAuthorized,
        _ => MqttReason.UnspecifiedError,
    };
}
