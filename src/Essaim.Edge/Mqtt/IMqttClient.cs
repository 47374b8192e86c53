namespace Essaim.Edge;

/// <summary>Sends messages over whatever connection there is at the moment. Safe on all threads.</summary>
internal interface IMqttClient
{
    /// <summary>A connection stands.</summary>
    bool IsConnected { get; }

    /// <summary>Publishes a message.</summary>
    /// <param name="topic">Where; no wildcards.</param>
    /// <param name="payload">Bytes; they must not change until the call ends.</param>
    /// <param name="qos">QoS 0 is dropped where the send buffer is full, and counted; QoS 1 waits for room and for the broker's acknowledgement.</param>
    /// <param name="retain">Kept by the broker for later subscribers.</param>
    /// <param name="properties">What goes with it in MQTT 5; 3.1.1 leaves it out.</param>
    /// <param name="cancellationToken">Ends the wait; a message already on its way may still arrive.</param>
    /// <returns>The broker's reason, or the client's own where it sent nothing; from 0x80 on the message was not taken.</returns>
    /// <exception cref="MqttException"><c>ESS6105</c>: there is no connection, or it ended before the acknowledgement.</exception>
    ValueTask<MqttReason> PublishAsync(
        string topic, ReadOnlyMemory<byte> payload, MqttQos qos, bool retain, MqttProperties? properties, CancellationToken cancellationToken);

    /// <summary>Subscribes on the present connection; after the next one it has to be done again.</summary>
    /// <returns>A reason for each filter, in their order; from 0x80 on it was refused.</returns>
    /// <exception cref="MqttException"><c>ESS6105</c>: there is no connection, or it ended before the answer.</exception>
    ValueTask<IReadOnlyList<MqttReason>> SubscribeAsync(IReadOnlyList<MqttSubscription> subscriptions, CancellationToken cancellationToken);
}

/// <summary>Is told what happens to a client. Called one after the other but for <see cref="ConnectedAsync"/>, beside which messages may already arrive.</summary>
internal interface IMqttListener
{
    /// <summary>A connection stands: the place to publish the birth and to subscribe. An exception gives the connection up; the next attempt follows.</summary>
    /// <param name="connected">The connection.</param>
    /// <param name="cancellationToken">Cancelled when the connection ends.</param>
    ValueTask ConnectedAsync(MqttConnected connected, CancellationToken cancellationToken);

    /// <summary>A connection ended, or an attempt failed; the next one follows by itself. An exception is logged, no more.</summary>
    ValueTask DisconnectedAsync(MqttEnd end, CancellationToken cancellationToken);

    /// <summary>A message came; one of QoS 1 is acknowledged when this ends. An exception is logged and counted, no more.</summary>
    ValueTask ReceivedAsync(MqttMessage message, CancellationToken cancellationToken);
}
