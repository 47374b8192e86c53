using Essaim.Testing;

namespace Essaim.Edge.Tests;

/// <summary>What brokers do that a real one cannot be made to do.</summary>
public sealed class ConnectionTests
{
    [Fact]
    public async Task Run_BrokerKnowsVersion311Only_SpeaksIt()
    {
        await using ScriptedBroker broker = new();
        await using RunningClient client = new(broker.Options);

        using (ScriptedPeer first = await broker.AcceptAsync())
        {
            Assert.Equal(5, (await first.ReadAsync())[8]);
            await first.SendAsync("20 02 00 01");
        }

        using ScriptedPeer second = await broker.AcceptAsync();
        Assert.Equal(4, (await second.ReadAsync())[8]);
        await second.SendAsync("20 02 00 00");

        Assert.Equal(MqttVersion.V311, (await client.Told.ConnectedAsync()).Version);
        MqttEnd refused = await client.Told.EndAsync();
        Assert.Equal((false, MqttReason.UnsupportedProtocolVersion, TimeSpan.Zero), (refused.WasConnected, refused.Reason, refused.NextAttempt));
        Assert.Equal(
            $"The MQTT broker at {broker.Options.Address} refuses the client 'slot-01': unsupported protocol version (0x84). It speaks neither MQTT 5 nor 3.1.1.", refused.Error.Message);
        second.Dispose();
        using ScriptedPeer third = await broker.AcceptAsync();
        Assert.Equal(5, (await third.ReadAsync())[8]);
    }

    [Fact]
    public async Task Run_BrokerClosesThreeTimesAtOnce_IsTriedWithVersion311()
    {
        await using ScriptedBroker broker = new();
        await using RunningClient client = new(broker.Options);

        string versions = "";
        for (int i = 0; i < 5; i++)
        {
            using ScriptedPeer peer = await broker.AcceptAsync();
            versions += (await peer.ReadAsync())[8];
        }

        Assert.Equal("55545", versions);
        Assert.Equal(
            $"The MQTT broker at {broker.Options.Address} cannot be reached: it closed the connection at once (the broker closed it). Is it running, is the address right, and does a firewall let this machine through?",
            (await client.Told.EndAsync()).Error.Message);
    }

    [Fact]
    public async Task Run_SomethingElseThanMqtt_IsSaidAndTriedAgain()
    {
        await using ScriptedBroker broker = new();
        await using RunningClient client = new(broker.Options);
        using ScriptedPeer first = await broker.AcceptAsync();
        await first.SendAsync("'HTTP/1.1 400 Bad Request' 0D 0A 0D 0A");

        MqttEnd end = await client.Told.EndAsync();

        Assert.Equal(("ESS6104", false), (end.Error.Code, end.WasConnected));
        (await broker.AcceptAsync()).Dispose();
    }

    [Fact]
    public async Task Run_BrokerSaysNothing_IsGivenUpAfterThreeSeconds()
    {
        FakeTimeProvider time = new();
        await using ScriptedBroker broker = new();
        await using RunningClient client = new(broker.Options, time: time);
        using ScriptedPeer silent = await broker.AcceptAsync();
        await silent.ReadAsync();

        time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(
            $"The MQTT broker at {broker.Options.Address} cannot be reached: it took the connection but said nothing of MQTT within 3 s. Is it running, is the address right, and does a firewall let this machine through?",
            (await client.Told.EndAsync()).Error.Message);
    }

    [Fact]
    public async Task Run_NotAByteForOneAndAHalfKeepAlives_GivesTheConnectionUp()
    {
        FakeTimeProvider time = new();
        await using ScriptedBroker broker = new();
        await using RunningClient client = new(broker.Options, time: time);
        using ScriptedPeer frozen = await broker.WelcomeAsync();
        await client.Told.ConnectedAsync();

        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal([0xc0, 0x00], await frozen.ReadAsync());
        time.Advance(TimeSpan.FromSeconds(11.25));

        MqttEnd end = await client.Told.EndAsync();
        Assert.Equal((true, MqttReason.KeepAliveTimeout), (end.WasConnected, end.Reason));
        Assert.Equal(
            $"The connection to the MQTT broker at {broker.Options.Address} ended: not a byte came for 16.3 s. It is made anew by itself; what was not acknowledged has to be sent again.", end.Error.Message);
    }

    [Fact]
    public async Task Run_BrokerWantsAShorterKeepAlive_IsObeyed()
    {
        FakeTimeProvider time = new();
        await using ScriptedBroker broker = new();
        await using RunningClient client = new(broker.Options, time: time);
        using ScriptedPeer peer = await broker.WelcomeAsync("20 06 00 00 03 13 00 02");
        await client.Told.ConnectedAsync();

        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([0xc0, 0x00], await peer.ReadAsync());
    }

    [Fact]
    public async Task Publish_MoreThanTheBrokerTakes_WaitsForAcknowledgements()
    {
        await using ScriptedBroker broker = new();
        await using RunningClient client = new(broker.Options);
        using ScriptedPeer peer = await broker.WelcomeAsync("20 06 00 00 03 21 00 02");
        await client.Told.ConnectedAsync();

        Task<MqttReason>[] published = [.. Enumerable.Range(0, 3).Select(i => client.PublishAsync("t", $"{i}").AsTask())];
        Task<MqttReason> unacknowledged = client.PublishAsync("t", "3", MqttQos.AtMostOnce).AsTask();

        Assert.Equal("320700017400010030", Convert.ToHexString(await peer.ReadAsync()));
        Assert.Equal("320700017400020031", Convert.ToHexString(await peer.ReadAsync()));
        Assert.Equal("30050001740033", Convert.ToHexString(await peer.ReadAsync()));
        Assert.Equal(MqttReason.Success, await unacknowledged);
        await peer.SendAsync("40 03 00 02 97");
        Assert.Equal("320700017400030032", Convert.ToHexString(await peer.ReadAsync()));
        await peer.SendAsync("40 02 00 03 40 02 00 01 40 02 00 09");
        Assert.Equal([MqttReason.Success, MqttReason.QuotaExceeded, MqttReason.Success], await Task.WhenAll(published));
    }

    [Fact]
    public async Task Publish_AcknowledgementWithheld_EndsTheConnectionAfterTwentySeconds()
    {
        FakeTimeProvider time = new();
        await using ScriptedBroker broker = new();
        await using RunningClient client = new(broker.Options, time: time);
        using ScriptedPeer peer = await broker.WelcomeAsync();
        await client.Told.ConnectedAsync();
        Task<MqttReason> published = client.PublishAsync("t", "x").AsTask();
        await peer.ReadAsync();

        for (int i = 0; i < 18 && !published.IsCompleted; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1.25));
            if (i % 4 == 3)
                await PingAsync(peer, client);
        }

        MqttException lost = await Assert.ThrowsAsync<MqttException>(() => published);
        Assert.Equal(
            $"The connection to the MQTT broker at {broker.Options.Address} ended: the broker left something unanswered for 20 s. It is made anew by itself; what was not acknowledged has to be sent again.", lost.Message);
    }

    [Fact]
    public async Task Publish_ConnectionGone_Fails()
    {
        await using ScriptedBroker broker = new();
        await using RunningClient client = new(broker.Options);
        MqttException early = await Assert.ThrowsAsync<MqttException>(() => client.PublishAsync("t", "x").AsTask());
        Assert.Equal(("ESS6105", $"There is no connection to the MQTT broker at {broker.Options.Address}. It is made by itself once the broker answers; send again then."), (early.Code, early.Message));
        ScriptedPeer peer = await broker.WelcomeAsync();
        await client.Told.ConnectedAsync();
        Task<MqttReason> published = client.PublishAsync("t", "x").AsTask();
        await peer.ReadAsync();

        await peer.SendAsync("E0 08 8B 06 1F 00 03 'bye'");

        MqttException lost = await Assert.ThrowsAsync<MqttException>(() => published);
        Assert.Equal(
            ("ESS6105", $"The connection to the MQTT broker at {broker.Options.Address} ended: the broker ended it: server shutting down (0x8b), bye. It is made anew by itself; what was not acknowledged has to be sent again."),
            (lost.Code, lost.Message));
        Assert.Equal(MqttReason.ServerShuttingDown, (await client.Told.EndAsync()).Reason);
        peer.Dispose();
    }

    [Fact]
    public async Task Publish_BrokerOffersLess_IsRefusedUnsent()
    {
        await using ScriptedBroker broker = new();
        await using RunningClient client = new(broker.Options);
        using ScriptedPeer peer = await broker.WelcomeAsync("20 0C 00 00 09 24 00 25 00 27 00 00 00 20");
        await client.Told.ConnectedAsync();

        Assert.Equal(MqttReason.QosNotSupported, await client.PublishAsync("t", "x"));
        Assert.Equal(MqttReason.RetainNotSupported, await client.PublishAsync("t", "x", MqttQos.AtMostOnce, retain: true));
        Assert.Equal(MqttReason.PacketTooLarge, await client.PublishAsync("t", new string('x', 27), MqttQos.AtMostOnce));
        Assert.Equal(MqttReason.Success, await client.PublishAsync("t", new string('x', 26), MqttQos.AtMostOnce));
        Assert.Equal(32, (await peer.ReadAsync()).Length);
    }

    [Fact]
    public async Task Publish_NetworkStuck_DropsQos0AndHoldsQos1()
    {
        await using ScriptedBroker broker = new();
        await using RunningClient client = new(broker.Options);
        using ScriptedPeer peer = await broker.WelcomeAsync();
        await client.Told.ConnectedAsync();
        string large = new('x', 100_000);
        int sent = 0;

        while (await client.PublishAsync("t", large, MqttQos.AtMostOnce) == MqttReason.Success)
            sent++;
        Task<MqttReason> held = client.PublishAsync("t", large).AsTask();

        Assert.Equal(1, client.Client.Dropped);
        Assert.False(held.IsCompleted);
        for (int i = 0; i < sent; i++)
            Assert.Equal(0x30, (await peer.ReadAsync())[0]);
        Assert.Equal(0x32, (await peer.ReadAsync())[0]);
        await peer.SendAsync("40 02 00 01");
        Assert.Equal(MqttReason.Success, await held);
    }

    [Fact]
    public async Task Publish_CallerGivesUpWhileItWaits_IsNotSent()
    {
        await using ScriptedBroker broker = new();
        await using RunningClient client = new(broker.Options);
        using ScriptedPeer peer = await broker.WelcomeAsync("20 06 00 00 03 21 00 01");
        await client.Told.ConnectedAsync();
        Task<MqttReason> first = client.PublishAsync("t", "1").AsTask();
        using CancellationTokenSource impatience = new();
        Task<MqttReason> second = client.Client.PublishAsync("t", "2"u8.ToArray(), MqttQos.AtLeastOnce, false, null, impatience.Token).AsTask();
        Task<MqttReason> third = client.PublishAsync("t", "3").AsTask();

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await peer.ReadAsync();
        await peer.SendAsync("40 02 00 01");

        Assert.Equal("320700017400020033", Convert.ToHexString(await peer.ReadAsync()));
        Assert.Equal(MqttReason.Success, await first);
        await peer.SendAsync("40 02 00 02");
        Assert.Equal(MqttReason.Success, await third);
    }

    [Fact]
    public async Task Receive_HandlerSlow_AcknowledgesOnlyWhatIsHandled()
    {
        await using ScriptedBroker broker = new();
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RunningClient client = new(broker.Options, new Recorder { OnMessage = _ => new ValueTask(go.Task) });
        using ScriptedPeer peer = await broker.WelcomeAsync();
        await client.Told.ConnectedAsync();

        await peer.SendAsync("32 07 00 01 't' 00 01 00 '1' 32 07 00 01 't' 00 02 00 '2'");
        Assert.Equal("t 1", await client.Told.LineAsync());
        go.SetResult();

        Assert.Equal("40020001", Convert.ToHexString(await peer.ReadAsync()));
        Assert.Equal("40020002", Convert.ToHexString(await peer.ReadAsync()));
        Assert.Equal("t 2", await client.Told.LineAsync());
    }

    [Fact]
    public async Task Receive_MoreThanCanBeHeld_EndsTheConnection()
    {
        await using ScriptedBroker broker = new();
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RunningClient client = new(broker.Options with { ReceiveMaximum = 1, ReceiveLimit = 2 }, new Recorder { OnMessage = _ => new ValueTask(go.Task) });
        using ScriptedPeer peer = await broker.WelcomeAsync();
        await client.Told.ConnectedAsync();

        await peer.SendAsync("32 07 00 01 't' 00 01 00 '1' 32 07 00 01 't' 00 02 00 '2' 32 07 00 01 't' 00 03 00 '3'");
        await peer.WaitForEndAsync();
        go.SetResult();

        Assert.Equal(MqttReason.ReceiveMaximumExceeded, (await client.Told.EndAsync()).Reason);
    }

    [Fact]
    public async Task Receive_Qos0WithoutRoom_IsDroppedAndCounted()
    {
        await using ScriptedBroker broker = new();
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RunningClient client = new(broker.Options with { ReceiveBuffer = 3 }, new Recorder { OnMessage = _ => new ValueTask(go.Task) });
        using ScriptedPeer peer = await broker.WelcomeAsync();
        await client.Told.ConnectedAsync();

        await peer.SendAsync("30 06 00 01 't' 00 '11' 30 06 00 01 't' 00 '22' 30 05 00 01 't' 00 '3' 32 08 00 01 't' 00 01 00 '44'");
        Assert.Equal("t 11", await client.Told.LineAsync());
        // The others may be read a moment later than the first is told.
        while (client.Client.Dropped == 0)
            await Task.Yield();
        go.SetResult();

        Assert.Equal("t 3", await client.Told.LineAsync());
        Assert.Equal("t 44", await client.Told.LineAsync());
        peer.Dispose();
        await client.Told.EndAsync();
        Assert.Equal(1, client.Client.Dropped);
    }

    [Fact]
    public async Task Connected_ListenerFails_ConnectionIsGivenUpAndMadeAnew()
    {
        await using ScriptedBroker broker = new();
        int calls = 0;
        Recorder recorder = new() { OnConnected = _ => calls++ == 0 ? throw new InvalidOperationException("no") : ValueTask.CompletedTask };
        await using RunningClient client = new(broker.Options, recorder);
        using ScriptedPeer first = await broker.WelcomeAsync();
        await first.WaitForEndAsync();

        using ScriptedPeer second = await broker.WelcomeAsync();

        await client.Told.ConnectedAsync();
        Assert.Equal(
            $"The connection to the MQTT broker at {broker.Options.Address} ended: what follows a connection failed: no. It is made anew by itself; what was not acknowledged has to be sent again.",
            (await client.Told.EndAsync()).Error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/+")]
    [InlineData("#")]
    [InlineData("a\0")]
    public async Task Publish_NoTopic_IsRefused(string topic)
    {
        await using ScriptedBroker broker = new();
        await using RunningClient client = new(broker.Options);

        await Assert.ThrowsAsync<ArgumentException>(() => client.PublishAsync(topic, "x").AsTask());
    }

    /// <summary>Answers the ping that is due, and waits until the client has heard it.</summary>
    private static async Task PingAsync(ScriptedPeer peer, RunningClient client)
    {
        Assert.Equal(0xc0, (await peer.ReadAsync())[0]);
        // Behind the answer comes a message: once it is here, so is the answer.
        await peer.SendAsync("D0 00 30 04 00 01 't' 00");
        await client.Told.MessageAsync();
    }
}
