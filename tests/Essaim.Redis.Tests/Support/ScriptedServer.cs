using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Essaim.Redis.Tests;

/// <summary>Answers what a test says, to a client that sends one command at a time; an empty answer is none.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly Func<string, string> _answer;
    private readonly Task _accepting;
    private readonly List<Task> _connections = [];

    public ScriptedServer(Func<string, string> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _closing.Dispose();
    }

    /// <summary>What INFO says.</summary>
    public static string Info(string version) => $"${16 + version.Length}\r\nredis_version:{version}\r\n\r\n";

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_closing.Token)));
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            byte[] buffer = new byte[4096];
            try
            {
                int got;
                while ((got = await client.GetStream().ReadAsync(buffer, _closing.Token)) > 0)
                    await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(_answer(Encoding.UTF8.GetString(buffer, 0, got).Split("\r\n")[2])), _closing.Token);
            }
            catch (Exception ended) when (ended is IOException or OperationCanceledException)
            {
                // The client is gone, or the test is over.
            }
        }
    }
}
