using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Redis.Tests;

/// <summary>A Redis server for one test class, on a free loopback port, without persistence.</summary>
public sealed class OwnServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("essaim-redis-").FullName;
    private Process? _process;
    private Task _draining = Task.CompletedTask;

    internal static RedisKeys Keys { get; } = new("", "", 0);

    public int Port { get; private set; }

    public string Url => $"redis://127.0.0.1:{Port}/0";

    public int ProcessId => _process!.Id;

    /// <summary>More of the server's command line; set before it starts.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    public async ValueTask InitializeAsync()
    {
        Port = FreePort();
        await StartAsync();
    }

    /// <summary>Starts it on its port and folder, again after <see cref="KillAsync"/>.</summary>
    public async Task StartAsync()
    {
        ProcessStartInfo start = new("redis-server")
        {
            ArgumentList = { "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--dir", _folder },
            RedirectStandardOutput = true,
        };
        foreach (string argument in Arguments)
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
                break;
        }

        _draining = _process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>A client of the emptied server.</summary>
    internal async Task<RedisClient> ConnectEmptyAsync()
    {
        RedisClient client = await ConnectAsync(Url);
        await client.SendAsync(new RespCommand("FLUSHALL"), TestContext.Current.CancellationToken);
        return client;
    }

    internal static async Task<RedisClient> ConnectAsync(string url) =>
        await RedisClient.ConnectAsync(RedisUrl.Parse(url), NullLogger.Instance, mayBeAway: false, TestContext.Current.CancellationToken);

    /// <summary>A backend on the emptied server.</summary>
    /// <param name="time">Its clock.</param>
    /// <param name="options">Query of the URL.</param>
    internal async ValueTask<IBackend> OpenEmptyAsync(TimeProvider time, string options = "")
    {
        await (await ConnectEmptyAsync()).DisposeAsync();
        return await OpenAsync(time, options);
    }

    /// <summary>A backend on the server as it is.</summary>
    internal async ValueTask<IBackend> OpenAsync(TimeProvider time, string options = "") =>
        await RedisBackend.OpenAsync(Url + options, new BackendContext(time, NullLoggerFactory.Instance), TestContext.Current.CancellationToken);

    /// <summary>Lets time pass for everything that has a time to live: what a server does by its own clock, done at once.</summary>
    internal async Task AgeAsync(TimeSpan span)
    {
        const string Script = """
            for _, key in ipairs(redis.call('KEYS', '*')) do
              local left = redis.call('PTTL', key)
              if left >= 0 and left <= tonumber(ARGV[1]) then redis.call('DEL', key)
              elseif left > 0 then redis.call('PEXPIRE', key, left - tonumber(ARGV[1])) end
            end
            """;
        await using RedisClient client = await ConnectAsync(Url);
        await client.SendAsync(new RespCommand("EVAL").Add(Script).Add(0).Add((long)span.TotalMilliseconds), TestContext.Current.CancellationToken);
    }

    /// <summary>Ends it at once, as a loss of power does.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
            return;
        _process.Kill();
        await _process.WaitForExitAsync();
        await _draining;
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();

        Directory.Delete(_folder, true);
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
