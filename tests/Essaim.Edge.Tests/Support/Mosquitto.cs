using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Essaim.Edge.Tests;

/// <summary>A broker of a test's own, on free loopback ports, with its own folder; never the machine's service.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private Process? _process;
    private Task _reading = Task.CompletedTask;

    private Mosquitto()
    {
    }

    /// <summary>Debian puts it where only root's path leads.</summary>
    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/usr/local/sbin").Split(':')
        .Select(folder => Path.Combine(folder, "mosquitto")).FirstOrDefault(System.IO.File.Exists);

    public string Folder { get; } = Directory.CreateTempSubdirectory("essaim-mosquitto-").FullName;

    public int Port { get; } = FreePort();

    /// <summary>Where it listens; loopback, or an address of the namespace it runs in.</summary>
    public string Address { get; private init; } = "127.0.0.1";

    private string? Namespace { get; init; }

    /// <summary>Starts one. <paramref name="settings"/> is its configuration after the first listener; by default everybody may do everything.</summary>
    public static Task<Mosquitto> StartAsync(string settings = "allow_anonymous true", Func<Mosquitto, string>? more = null) => StartAsync(new Mosquitto(), settings, more);

    /// <summary>Starts one in a network namespace.</summary>
    public static Task<Mosquitto> StartInAsync(string network, string address) => StartAsync(new Mosquitto { Namespace = network, Address = address }, "allow_anonymous true", null);

    private static async Task<Mosquitto> StartAsync(Mosquitto broker, string settings, Func<Mosquitto, string>? more)
    {
        string user = Environment.UserName;
        await System.IO.File.WriteAllTextAsync(
            broker.File("mosquitto.conf"),
            $"user {user}\nper_listener_settings false\npersistence false\nset_tcp_nodelay true\nlog_dest stderr\nlog_type all\nlistener {broker.Port} {broker.Address}\n{settings}\n{more?.Invoke(broker)}\n");
        await broker.StartAgainAsync();
        return broker;
    }

    public string File(string name) => Path.Combine(Folder, name);

    public MqttOptions Options(string clientId) => new() { Host = Address, Port = Port, ClientId = clientId };

    /// <summary>Starts it on its port, again after <see cref="KillAsync"/>.</summary>
    public async Task StartAgainAsync()
    {
        TaskCompletionSource runs = new(TaskCreationOptions.RunContinuationsAsynchronously);
        string program = Program ?? throw new InvalidOperationException(Installed.Missing);
        // Both put the broker in their own place: its process is the one that was started.
        string[] command = Namespace is null ? [program, "-c", File("mosquitto.conf")] : ["ip", "netns", "exec", Namespace, program, "-c", File("mosquitto.conf")];
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = Folder,
            RedirectStandardError = true,
        })!;
        _reading = ReadAsync(_process, runs);
        await runs.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    /// <summary>Ends it at once, as a loss of power does.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        _process = null;
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        await _reading;
        process.Dispose();
    }

    /// <summary>HUP: reads its files of passwords and rights anew. STOP, CONT: freezes and thaws.</summary>
    public async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{_process!.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Sets a password with the broker's own tool.</summary>
    public async Task SetPasswordAsync(string user, string password)
    {
        bool isNew = !System.IO.File.Exists(File("passwords"));
        string tool = Path.Combine("/usr/bin", "mosquitto_passwd");
        using Process process = Process.Start(tool, [.. isNew ? new[] { "-c" } : [], "-b", File("passwords"), user, password]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(Folder, recursive: true);
    }

    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task ReadAsync(Process process, TaskCompletionSource runs)
    {
        System.Text.StringBuilder said = new();
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            said.Append(line).Append('\n');
            if (line.EndsWith("running", StringComparison.Ordinal))
                runs.TrySetResult();
        }

        runs.TrySetException(new InvalidOperationException($"mosquitto ended. It said: {said}"));
    }
}
