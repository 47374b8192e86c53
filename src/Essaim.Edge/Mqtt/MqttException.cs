namespace Essaim.Edge;

/// <summary>A broker cannot be used, or not any more.</summary>
internal sealed class MqttException : EssaimException
{
    private MqttException(string code, string message, MqttReason reason, Exception? inner)
        : base(code, message, inner) => Reason = reason;

    /// <summary>The broker's reason; <see cref="MqttReason.UnspecifiedError"/> where it gave none.</summary>
    public MqttReason Reason { get; }

    public static MqttException Unreachable(string address, string why, Exception? inner) => new(
        "ESS6101", $"The MQTT broker at {address} cannot be reached: {why.TrimEnd('.')}. Is it running, is the address right, and does a firewall let this machine through?",
        MqttReason.UnspecifiedError, inner);

    public static MqttException Refused(string address, string clientId, MqttReason reason, string? words) => new(
        "ESS6102", $"The MQTT broker at {address} refuses the client '{clientId}': {reason.InWords()}{(words is null ? "" : $", {words}")}.{Advice(reason)}", reason, null);

    public static MqttException Untrusted(string address, Exception inner) => new(
        "ESS6103", $"The MQTT broker at {address} cannot be trusted: {inner.Message.TrimEnd('.')}. Give the file of the authority that signed its certificate, and the host name the certificate is for.",
        MqttReason.UnspecifiedError, inner);

    public static MqttException NotMqtt(string what, MqttReason reason = MqttReason.MalformedPacket) => new(
        "ESS6104", $"What came is not MQTT: {what}. Is there a broker behind this port, and TLS where it wants TLS?", reason, null);

    public static MqttException Lost(string address, string why, MqttReason reason = MqttReason.UnspecifiedError, Exception? inner = null) => new(
        "ESS6105", $"The connection to the MQTT broker at {address} ended: {why.TrimEnd('.')}. It is made anew by itself; what was not acknowledged has to be sent again.", reason, inner);

    public static MqttException NotConnected(string address) => new(
        "ESS6105", $"There is no connection to the MQTT broker at {address}. It is made by itself once the broker answers; send again then.", MqttReason.UnspecifiedError, null);

    public static MqttException CertificateFile(string file, Exception inner) => new(
        "ESS6106", $"The certificate file '{file}' cannot be read: {inner.Message} Give a PEM file this user may read.", MqttReason.UnspecifiedError, inner);

    public static MqttException SubscriptionRefused(string address, string filter, MqttReason reason) => new(
        "ESS6107", $"The MQTT broker at {address} refuses the subscription to '{filter}': {reason.InWords()}.{Advice(reason)}", reason, null);

    private static string Advice(MqttReason reason) => reason switch
    {
        MqttReason.BadUserNameOrPassword => " Check user and password, and that the broker has read its password file since they were made.",
        MqttReason.NotAuthorized => " Check user and password, and what the broker's access list allows this user.",
        MqttReason.UnsupportedProtocolVersion => " It speaks neither MQTT 5 nor 3.1.1.",
        MqttReason.ClientIdentifierNotValid => " Give another client id.",
        MqttReason.ServerUnavailable or MqttReason.ServerBusy or MqttReason.ConnectionRateExceeded => " It is asked again by itself.",
        _ => "",
    };
}
