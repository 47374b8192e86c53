using System.Net;
using System.Net.Sockets;

namespace Essaim.Edge.Tests;

/// <summary>A broker that does what a test says, packet by packet, to one client after the other.</summary>
internal sealed class ScriptedBroker : IAsyncDisposable
{
    public const string Welcome = "20 03 00 00 00";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();

    public ScriptedBroker() => _listener.Start();

    public MqttOptions Options => new() { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port, ClientId = "slot-01" };

    /// <summary>The next client.</summary>
    public async Task<ScriptedPeer> AcceptAsync()
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        return new ScriptedPeer(await _listener.AcceptTcpClientAsync(patience.Token));
    }

    /// <summary>The next client, after its CONNECT was answered so.</summary>
    public async Task<ScriptedPeer> WelcomeAsync(string answer = Welcome)
    {
        ScriptedPeer peer = await AcceptAsync();
        Assert.Equal(0x10, (await peer.ReadAsync())[0]);
        await peer.SendAsync(answer);
        return peer;
    }

    public ValueTask DisposeAsync()
    {
        _closing.Dispose();
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>The broker's side of one connection.</summary>
internal sealed class ScriptedPeer(TcpClient client) : IDisposable
{
    private readonly MqttInput _input = new(client.GetStream(), 1024 * 1024);

    /// <summary>The client's next packet.</summary>
    public async Task<byte[]> ReadAsync()
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (Take() is { } packet)
                return packet;
            await _input.FillAsync(patience.Token);
        }
    }

    /// <summary>Waits until the client has closed the connection.</summary>
    public async Task WaitForEndAsync() => await Assert.ThrowsAnyAsync<IOException>(async () =>
    {
        while (true)
            await ReadAsync();
    });

    public async Task SendAsync(string hex) => await client.GetStream().WriteAsync(Hex.Bytes(hex), TestContext.Current.CancellationToken);

    public void Dispose() => client.Dispose();

    private byte[]? Take() => _input.TryTake(out ReadOnlySpan<byte> packet) ? packet.ToArray() : null;
}

/// <summary>Packets as people read them.</summary>
internal static class Hex
{
    /// <summary>Bytes of <c>30 05 'a/b' 01</c>: numbers, and texts between quotes.</summary>
    public static byte[] Bytes(string text)
    {
        List<byte> bytes = [];
        for (int at = 0; at < text.Length;)
        {
            if (text[at] == ' ')
            {
                at++;
            }
            else if (text[at] == '\'')
            {
                int end = text.IndexOf('\'', at + 1);
                bytes.AddRange(System.Text.Encoding.UTF8.GetBytes(text[(at + 1)..end]));
                at = end + 1;
            }
            else
            {
                bytes.Add(Convert.ToByte(text[at..(at + 2)], 16));
                at += 2;
            }
        }

        return [.. bytes];
    }
}
