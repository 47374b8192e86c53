using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Essaim.Compare;

/// <summary>
/// A network that is far away: what comes in at one side goes out at the other a fixed time later. Every byte is late by the same time and
/// none waits for another, so pipelining and throughput stay as they are. Runs as a process: <c>delay PORT MILLISECONDS-EACH-WAY</c>.
/// </summary>
internal sealed class DelayingProxy(int target, TimeSpan eachWay)
{
    public const string Verb = "delay";
    private const int ChunkSize = 1 << 16;

    /// <summary>Starts it as a process of its own, so that what it uses is counted for nobody, and says on which port it listens.</summary>
    public static async Task<(SideProgram Program, int Port)> StartAsync(int target, double eachWayMilliseconds, CancellationToken cancellationToken)
    {
        SideProgram program = SideProgram.Start(
            Environment.ProcessPath!,
            [Verb, target.ToString(CultureInfo.InvariantCulture), eachWayMilliseconds.ToString(CultureInfo.InvariantCulture)]);
        return (program, int.Parse(await program.ReadLineAsync(cancellationToken), CultureInfo.InvariantCulture));
    }

    /// <summary>What its command line says.</summary>
    public static DelayingProxy Of(string target, string eachWayMilliseconds) => new(
        int.Parse(target, CultureInfo.InvariantCulture), TimeSpan.FromMilliseconds(double.Parse(eachWayMilliseconds, CultureInfo.InvariantCulture)));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Console.WriteLine(((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture));
        while (true)
        {
            Socket near = await listener.AcceptSocketAsync(cancellationToken);
            near.NoDelay = true;
            Socket far = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await far.ConnectAsync(IPAddress.Loopback, target, cancellationToken);
            Carry(near, far);
            Carry(far, near);
        }
    }

    private void Carry(Socket from, Socket to)
    {
        BlockingCollection<(long Due, byte[] Bytes)> line = [];
        Start(() => Take(from, line));
        Start(() => Give(line, to));
    }

    private void Take(Socket from, BlockingCollection<(long Due, byte[] Bytes)> line)
    {
        byte[] buffer = new byte[ChunkSize];
        long wait = (long)(eachWay.TotalSeconds * Stopwatch.Frequency);
        try
        {
            for (int count = from.Receive(buffer); count > 0; count = from.Receive(buffer))
                line.Add((Stopwatch.GetTimestamp() + wait, buffer[..count]));
        }
        catch (SocketException)
        {
            // A reset ends the connection as an orderly close does.
        }

        line.CompleteAdding();
    }

    private static void Give(BlockingCollection<(long Due, byte[] Bytes)> line, Socket to)
    {
        try
        {
            foreach ((long due, byte[] bytes) in line.GetConsumingEnumerable())
            {
                MonotonicClock.WaitUntil(due);
                for (int sent = 0; sent < bytes.Length;)
                    sent += to.Send(bytes.AsSpan(sent));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The receiver has gone: closing tells the sender.
            to.Close();
        }
    }

    private static void Start(ThreadStart work) => new Thread(work, maxStackSize: 1 << 18) { IsBackground = true }.Start();
}
