using System.Text;

namespace Essaim.Edge.Tests;

/// <summary>Against a real broker.</summary>
public sealed class MosquittoTests
{
    [BrokerTheory]
    [InlineData(MqttVersion.V5)]
    [InlineData(MqttVersion.V311)]
    internal async Task Connection_BothVersions_CarryMessagesBothWays(MqttVersion version)
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        List<MqttMessage> got = [];
        TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        MqttReceiver receiver = new(
            broker.Options("a"),
            message =>
            {
                got.Add(message);
                if (got.Count == 4)
                    all.SetResult();
                return ValueTask.CompletedTask;
            },
            (_, error) => all.TrySetException(error));
        await using MqttConnection connection = await MqttConnection.OpenAsync(broker.Options("a"), version, receiver, TimeProvider.System, TestContext.Current.CancellationToken);

        // Nobody is subscribed yet; 3.1.1 cannot say so.
        Assert.Equal(version == MqttVersion.V5 ? MqttReason.NoMatchingSubscribers : MqttReason.Success, await PublishAsync(connection, "t/kept", "old", MqttQos.AtLeastOnce, true));
        Assert.Equal(
            [MqttReason.GrantedQos1, MqttReason.Success],
            await connection.SubscribeAsync([new MqttSubscription("t/#"), new MqttSubscription("u", MqttQos.AtMostOnce)], TestContext.Current.CancellationToken));
        Assert.Equal(MqttReason.Success, await PublishAsync(connection, "t/1", "é", MqttQos.AtLeastOnce));
        Assert.Equal(MqttReason.Success, await PublishAsync(connection, "t/2", "", MqttQos.AtMostOnce));
        Assert.Equal(MqttReason.Success, await PublishAsync(connection, "u", "x", MqttQos.AtLeastOnce));
        await all.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(
            ["t/kept old AtLeastOnce True", "t/1 é AtLeastOnce False", "t/2  AtMostOnce False", "u x AtMostOnce False"],
            got.Select(message => $"{message.Topic} {Encoding.UTF8.GetString(message.Payload.Span)} {message.Qos} {message.Retain}"));
        Assert.Equal(version, connection.Connected.Version);
        Assert.False(connection.Connected.SessionPresent);
    }

    [BrokerFact]
    public async Task Publish_WithProperties_ArriveWithTheMessage()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using RunningClient client = await RunningClient.ConnectAsync(broker.Options("a"));
        await client.SubscribeAsync("t");

        await client.PublishAsync("t", "x", properties: new MqttProperties
        {
            MessageExpiry = 30,
            ContentType = "application/json",
            ResponseTopic = "r",
            CorrelationData = new byte[] { 7, 0 },
            User = [new("k", "v"), new("k", "w")],
        });

        MqttProperties properties = (await client.Told.MessageAsync()).Properties!;
        Assert.InRange(properties.MessageExpiry!.Value, 25u, 30u);
        Assert.Equal(("application/json", "r", "0700"), (properties.ContentType, properties.ResponseTopic, Convert.ToHexString(properties.CorrelationData!.Value.Span)));
        Assert.Equal([new("k", "v"), new KeyValuePair<string, string>("k", "w")], properties.User);
    }

    [BrokerFact]
    public async Task Publish_NobodySubscribed_SaysSo()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using RunningClient client = await RunningClient.ConnectAsync(broker.Options("a"));

        Assert.Equal(MqttReason.NoMatchingSubscribers, await client.PublishAsync("t", "x"));
    }

    [BrokerFact]
    public async Task Publish_TenThousandFromManyCallers_ArriveOnceAndInOrder()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using RunningClient receiver = await RunningClient.ConnectAsync(broker.Options("receiver"));
        await receiver.SubscribeAsync("t/#");
        await using RunningClient sender = await RunningClient.ConnectAsync(broker.Options("sender"));

        Task[] callers = [.. Enumerable.Range(0, 10).Select(async caller =>
        {
            for (int i = 0; i < 1000; i++)
                Assert.Equal(MqttReason.Success, await sender.PublishAsync($"t/{caller}", $"{i}"));
        })];
        int[] next = new int[10];
        for (int i = 0; i < 10_000; i++)
        {
            MqttMessage message = await receiver.Told.MessageAsync();
            int caller = message.Topic[2] - '0';
            Assert.Equal($"{next[caller]++}", Encoding.UTF8.GetString(message.Payload.Span));
        }

        await Task.WhenAll(callers);
    }

    [BrokerFact]
    public async Task Publish_LargeMessages_PassWhole()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using RunningClient client = await RunningClient.ConnectAsync(broker.Options("a"));
        await client.SubscribeAsync("t");
        string large = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"{i % 100_000:D6}"));

        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(MqttReason.Success, await client.PublishAsync("t", large));
            Assert.Equal(large, Encoding.UTF8.GetString((await client.Told.MessageAsync()).Payload.Span));
        }
    }

    [BrokerFact]
    public async Task Will_ConnectionLost_IsPublishedButNotAfterGoodBye()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using RunningClient watcher = await RunningClient.ConnectAsync(broker.Options("watcher"));
        await watcher.SubscribeAsync("s/#");
        int session = 0;
        MqttOptions options = broker.Options("slot") with { Will = () => new MqttWill("s/will", Encoding.UTF8.GetBytes($"lost {++session}")) };

        await using (RunningClient polite = await RunningClient.ConnectAsync(options))
            await polite.PublishAsync("s/state", "bye");
        Assert.Equal("s/state bye", await watcher.Told.LineAsync());
        await using RunningClient first = await RunningClient.ConnectAsync(options);
        await using RunningClient second = new(options);
        await second.Told.ConnectedAsync();

        Assert.Equal("s/will lost 2", await watcher.Told.LineAsync());
        Assert.True((await first.Told.EndAsync()).WasConnected);
    }

    [BrokerFact]
    public async Task Run_BrokerKilledAndStartedAgain_IsBackAndWhatWaitedFailed()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using RunningClient client = await RunningClient.ConnectAsync(broker.Options("a"));
        await broker.SignalAsync("STOP");
        Task<MqttReason> published = client.PublishAsync("t", "x").AsTask();

        await broker.KillAsync();

        Assert.Equal("ESS6105", (await Assert.ThrowsAsync<MqttException>(() => published)).Code);
        Assert.True((await client.Told.EndAsync()).WasConnected);
        MqttEnd refused = await client.Told.EndAsync();
        Assert.Equal(
            (false, $"The MQTT broker at 127.0.0.1:{broker.Port} cannot be reached: Connection refused. Is it running, is the address right, and does a firewall let this machine through?"),
            (refused.WasConnected, refused.Error.Message));
        await broker.StartAgainAsync();
        await client.Told.ConnectedAsync();
        await client.SubscribeAsync("t");
        await client.PublishAsync("t", "again");
        Assert.Equal("t again", await client.Told.LineAsync());
    }

    [BrokerFact]
    public async Task Run_WrongPassword_IsTriedUntilItIsRight()
    {
        await using Mosquitto broker = await SecureAsync();
        await using RunningClient client = new(broker.Options("slot-09") with { UserName = "slot-09", Password = "new" });

        MqttEnd refused = await client.Told.EndAsync();
        MqttEnd again = await client.Told.EndAsync();
        Assert.Equal((MqttReason.NotAuthorized, MqttReason.NotAuthorized), (refused.Reason, again.Reason));
        Assert.Equal(
            $"The MQTT broker at 127.0.0.1:{broker.Port} refuses the client 'slot-09': not authorized (0x87). Check user and password, and what the broker's access list allows this user.", refused.Error.Message);
        await broker.SetPasswordAsync("slot-09", "new");
        await broker.SignalAsync("HUP");

        await client.Told.ConnectedAsync();
    }

    [BrokerFact]
    public async Task Publish_NotAllowed_IsToldByReason()
    {
        await using Mosquitto broker = await SecureAsync();
        await using RunningClient client = await RunningClient.ConnectAsync(broker.Options("slot-01") with { UserName = "slot-01", Password = "one" });

        Assert.Equal(MqttReason.NotAuthorized, await client.PublishAsync("edge/v1/slot/slot-02/up/state", "x"));
        Assert.Equal(MqttReason.NoMatchingSubscribers, await client.PublishAsync("edge/v1/slot/slot-01/up/state", "x"));
    }

    [BrokerFact]
    public async Task Receive_HandlerThrows_TheNextMessageIsHandledAllTheSame()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        Recorder recorder = new() { OnMessage = message => message.Payload.Length == 1 ? throw new InvalidOperationException("no") : ValueTask.CompletedTask };
        await using RunningClient client = await RunningClient.ConnectAsync(broker.Options("a"), recorder);
        await client.SubscribeAsync("t");

        await client.PublishAsync("t", "1");
        await client.PublishAsync("t", "22");

        Assert.Equal("t 1", await client.Told.LineAsync());
        Assert.Equal("t 22", await client.Told.LineAsync());
        Assert.Equal(1, client.Client.HandlerFaults);
    }

    [BrokerFact]
    public async Task Receive_HandlerPublishesAndWaits_NothingStandsStill()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        Recorder recorder = new();
        await using RunningClient client = await RunningClient.ConnectAsync(broker.Options("a"), recorder);
        recorder.OnMessage = async message =>
        {
            if (message.Topic == "ask")
                await client.Client.PublishAsync("answer", message.Payload, MqttQos.AtLeastOnce, false, null, TestContext.Current.CancellationToken);
        };
        await client.SubscribeAsync("ask", "answer");

        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => client.PublishAsync("ask", $"{i}").AsTask()));

        List<string> answers = [];
        while (answers.Count < 300)
        {
            MqttMessage message = await client.Told.MessageAsync();
            if (message.Topic == "answer")
                answers.Add(Encoding.UTF8.GetString(message.Payload.Span));
        }

        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"{i}"), answers);
    }

    [BrokerFact]
    public async Task Tls_OwnAuthority_IsTrustedAndAnotherIsNot()
    {
        using Certificates certificates = new("localhost");
        int port = Mosquitto.FreePort();
        await using Mosquitto broker = await Mosquitto.StartAsync(
            "allow_anonymous true", _ => $"listener {port} 127.0.0.1\ncertfile {certificates.ServerFile}\nkeyfile {certificates.ServerKeyFile}\ntls_version tlsv1.2");
        MqttOptions options = broker.Options("a") with { Host = "localhost", Port = port };

        await using RunningClient client = await RunningClient.ConnectAsync(options with { Tls = new MqttTls(certificates.AuthorityFile) });
        Assert.Equal(MqttReason.NoMatchingSubscribers, await client.PublishAsync("t", "x"));
        using Certificates others = new("localhost");
        MqttException untrusted = await RefusalAsync(options with { Tls = new MqttTls(others.AuthorityFile) });
        Assert.Equal("ESS6103", untrusted.Code);
        Assert.StartsWith($"The MQTT broker at localhost:{port} cannot be trusted: The remote certificate is invalid", untrusted.Message, StringComparison.Ordinal);
        Assert.Equal("ESS6103", (await RefusalAsync(options with { Host = "127.0.0.1", Tls = new MqttTls(certificates.AuthorityFile) })).Code);
        MqttException missing = await RefusalAsync(options with { Tls = new MqttTls("/nowhere/ca.pem") });
        Assert.Equal("ESS6106", missing.Code);
        Assert.StartsWith("The certificate file '/nowhere/ca.pem' cannot be read:", missing.Message, StringComparison.Ordinal);
        Assert.EndsWith("Give a PEM file this user may read.", missing.Message, StringComparison.Ordinal);
    }

    private static async Task<MqttException> RefusalAsync(MqttOptions options)
    {
        await using RunningClient client = new(options);
        return (await client.Told.EndAsync()).Error;
    }

    private static async Task<Mosquitto> SecureAsync() => await Mosquitto.StartAsync("allow_anonymous false", broker =>
    {
        broker.SetPasswordAsync("slot-01", "one").GetAwaiter().GetResult();
        File.WriteAllText(broker.File("rights"), "pattern write edge/v1/slot/%u/up/#\npattern read edge/v1/slot/%u/down/#\n");
        return $"password_file {broker.File("passwords")}\nacl_file {broker.File("rights")}\nuse_username_as_clientid true";
    });

    private static ValueTask<MqttReason> PublishAsync(MqttConnection connection, string topic, string text, MqttQos qos, bool retain = false) =>
        connection.PublishAsync(topic, Encoding.UTF8.GetBytes(text), qos, retain, null, TestContext.Current.CancellationToken);
}
