using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Essaim.Edge;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Bench;

/// <summary>The MQTT client against a Mosquitto of its own on loopback, 100 bytes a message.</summary>
internal static class MqttMeasurement
{
    private const int Window = 100;

    public static async Task RunAsync(BenchOptions options)
    {
        int port = FreePort();
        using Process broker = StartBroker(options.Folder, port);
        try
        {
            await MeasureAsync(options.Tasks, new MqttOptions { Host = "127.0.0.1", Port = port, ClientId = "bench", ReceiveMaximum = 1000 });
        }
        finally
        {
            broker.Kill();
            await broker.WaitForExitAsync();
        }
    }

    private static async Task MeasureAsync(int messages, MqttOptions options)
    {
        Listener listener = new();
        using CancellationTokenSource stop = new();
        MqttClient client = new(options, listener, TimeProvider.System, NullLogger.Instance);
        Task running = client.RunAsync(stop.Token);
        await listener.Connected.Task;
        byte[] payload = new byte[100];
        await WindowAsync(client, messages / 5, payload);

        double windowed = await WindowAsync(client, messages, payload);
        List<double> trips = await OneByOneAsync(client, messages / 10, payload);
        (double offered, double sent) = await FloodAsync(client, messages * 4, payload);
        double received0 = await ReceiveAsync(client, listener, messages, payload, MqttQos.AtMostOnce);
        double received1 = await ReceiveAsync(client, listener, messages, payload, MqttQos.AtLeastOnce);
        trips.Sort();
        Console.WriteLine($"mqtt: QoS 1 published and acknowledged, window {Window}: {windowed:N0}/s; one at a time {trips.Count * 1000 / trips.Sum():N0}/s, p50 {trips[trips.Count / 2]:N3} ms, p99 {trips[trips.Count * 99 / 100]:N3} ms");
        Console.WriteLine($"mqtt: QoS 0 published {offered:N0}/s, of which {sent:P0} found room in the send buffer");
        Console.WriteLine($"mqtt: published with QoS 1 and received by the same client, QoS 0 {received0:N0}/s, QoS 1 {received1:N0}/s; {messages:N0} messages of 100 bytes; {Environment.WorkingSet / 1048576.0:N0} MiB resident");
        await stop.CancelAsync();
        await running;
    }

    private static async Task<double> WindowAsync(MqttClient client, int messages, byte[] payload)
    {
        long left = messages;
        Stopwatch clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Window).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                if ((await client.PublishAsync("bench/t", payload, MqttQos.AtLeastOnce, false, null, CancellationToken.None)).IsRefusal())
                    throw new InvalidOperationException("The broker refused a message.");
            }
        })));
        return messages / clock.Elapsed.TotalSeconds;
    }

    private static async Task<List<double>> OneByOneAsync(MqttClient client, int messages, byte[] payload)
    {
        List<double> trips = new(messages);
        for (int i = 0; i < messages; i++)
        {
            long began = Stopwatch.GetTimestamp();
            await client.PublishAsync("bench/t", payload, MqttQos.AtLeastOnce, false, null, CancellationToken.None);
            trips.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return trips;
    }

    private static async Task<(double Rate, double Sent)> FloodAsync(MqttClient client, int messages, byte[] payload)
    {
        long before = client.Dropped;
        Stopwatch clock = Stopwatch.StartNew();
        for (int i = 0; i < messages; i++)
            await client.PublishAsync("bench/t", payload, MqttQos.AtMostOnce, false, null, CancellationToken.None);
        await client.PublishAsync("bench/t", payload, MqttQos.AtLeastOnce, false, null, CancellationToken.None);
        return (messages / clock.Elapsed.TotalSeconds, 1 - (client.Dropped - before) / (double)messages);
    }

    private static async Task<double> ReceiveAsync(MqttClient client, Listener listener, int messages, byte[] payload, MqttQos qos)
    {
        string topic = $"bench/r{(int)qos}";
        await client.SubscribeAsync([new MqttSubscription(topic, qos)], CancellationToken.None);
        Task all = listener.Expect(messages);
        Stopwatch clock = Stopwatch.StartNew();
        long left = messages;
        Task sending = Task.WhenAll(Enumerable.Range(0, Window).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await client.PublishAsync(topic, payload, MqttQos.AtLeastOnce, false, null, CancellationToken.None);
        })));
        await Task.WhenAll(all, sending);
        return messages / clock.Elapsed.TotalSeconds;
    }

    private static Process StartBroker(string folder, int port)
    {
        string settings = Path.Combine(folder, "mosquitto.conf");
        // By default it allows twenty messages in flight, whatever window a client asks for.
        File.WriteAllText(settings, string.Create(CultureInfo.InvariantCulture, $"listener {port} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 0\nmax_queued_messages 0\nlog_type error\nset_tcp_nodelay true\n"));
        string program = File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto";
        return Process.Start(new ProcessStartInfo(program, ["-c", settings]) { RedirectStandardError = true })!;
    }

    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Listener : IMqttListener
    {
        private TaskCompletionSource _all = new();
        private int _left;

        public TaskCompletionSource Connected { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Expect(int messages)
        {
            _all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _left = messages;
            return _all.Task;
        }

        public ValueTask ConnectedAsync(MqttConnected connected, CancellationToken cancellationToken)
        {
            Connected.TrySetResult();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisconnectedAsync(MqttEnd end, CancellationToken cancellationToken)
        {
            if (end.WasConnected)
                Console.Error.WriteLine(end.Error.Message);
            return ValueTask.CompletedTask;
        }

        public ValueTask ReceivedAsync(MqttMessage message, CancellationToken cancellationToken)
        {
            if (--_left == 0)
                _all.SetResult();
            return ValueTask.CompletedTask;
        }
    }
}
