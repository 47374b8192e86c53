using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Essaim.Edge;

namespace Essaim.Bench;

/// <summary>Very many devices in one process: connected, saying every five seconds that they are there, voting when they are told a round.</summary>
internal static class SimulatedDevices
{
    public const string Verb = "simulated-devices";
    private const int AtOnce = 64;

    public static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"d-{number:00000}");

    public static async Task RunAsync(int port, int count)
    {
        ConcurrentDictionary<string, TaskCompletionSource> waiting = new();
        MqttConnection[] devices = new MqttConnection[count];
        Stopwatch clock = Stopwatch.StartNew();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, stop) => devices[i] = await ConnectAsync(port, i, waiting, stop));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count:N0} connected in {clock.Elapsed.TotalSeconds:N1} s"));
        using CancellationTokenSource end = new();
        Task beating = BeatAsync(devices, end.Token);
        while (await Console.In.ReadLineAsync() is { } round)
            Console.WriteLine(await VoteAsync(devices, round, waiting));
        await end.CancelAsync();
        await beating;
    }

    private static async Task<MqttConnection> ConnectAsync(int port, int i, ConcurrentDictionary<string, TaskCompletionSource> waiting, CancellationToken cancellationToken)
    {
        string id = Id(i);
        MqttOptions options = new()
        {
            Host = "127.0.0.1",
            Port = port,
            ClientId = id,
            UserName = id,
            Password = DevicesMeasurement.Password,
            KeepAlive = TimeSpan.FromSeconds(60),
            ConnectTimeout = TimeSpan.FromSeconds(60),
            Will = () => new MqttWill(EdgeTopics.Up(id, "state"), """{"v":1,"state":"offline","reason":"lost","boot":"0badf00d","session":1}"""u8.ToArray()),
        };
        MqttReceiver receiver = new(
            options,
            message =>
            {
                if (message.Topic.EndsWith("/ack", StringComparison.Ordinal) && waiting.TryRemove(id, out TaskCompletionSource? done))
                    done.TrySetResult();
                return ValueTask.CompletedTask;
            },
            static (_, _) => { });
        MqttConnection device = await MqttConnection.OpenAsync(options, MqttVersion.V5, receiver, TimeProvider.System, cancellationToken);
        await device.SubscribeAsync([new MqttSubscription(EdgeTopics.Down(id, "ack"))], cancellationToken);
        await device.PublishAsync(EdgeTopics.Up(id, "state"), """{"v":1,"state":"online","boot":"0badf00d","session":1}"""u8.ToArray(), MqttQos.AtLeastOnce, true, null, cancellationToken);
        return device;
    }

    private static async Task BeatAsync(MqttConnection[] devices, CancellationToken cancellationToken)
    {
        byte[] beat = """{"v":1,"boot":"0badf00d","n":1,"open":0,"clock":"synced"}"""u8.ToArray();
        // A hundredth of them every twentieth of a second: all, each five seconds.
        int slice = Math.Max(1, devices.Length / 100);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        try
        {
            for (int at = 0; await timer.WaitForNextTickAsync(cancellationToken); at = (at + slice) % devices.Length)
            {
                for (int i = at; i < at + slice && i < devices.Length; i++)
                    await devices[i].PublishAsync(EdgeTopics.Up(Id(i), "hb"), beat, MqttQos.AtMostOnce, false, null, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The measurement is over.
        }
    }

    private static async Task<string> VoteAsync(MqttConnection[] devices, string round, ConcurrentDictionary<string, TaskCompletionSource> waiting)
    {
        ConcurrentBag<double> times = [];
        Stopwatch clock = Stopwatch.StartNew();
        await Task.WhenAll(devices.Select((device, i) => Task.Run(async () =>
        {
            TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting[Id(i)] = answered;
            byte[] vote = Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $$"""{"v":1,"e":"{{round}}","s":1,"k":"vote","round":"{{round}}","input":"BTN","choice":"{{(i % 2 == 0 ? "red" : "blue")}}","mono":1,"age":0}"""));
            long began = Stopwatch.GetTimestamp();
            do
                await device.PublishAsync(EdgeTopics.Up(Id(i), "event"), vote, MqttQos.AtLeastOnce, false, null, CancellationToken.None);
            while (await Task.WhenAny(answered.Task, Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System)) != answered.Task);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        })));
        List<double> all = [.. times];
        return string.Create(CultureInfo.InvariantCulture, $"all answered after {clock.Elapsed.TotalSeconds:N2} s, p50 {Measurements.At(all, 0.5):N0}, p99 {Measurements.At(all, 0.99):N0} ms");
    }
}
