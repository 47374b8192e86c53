using System.Diagnostics;
using System.Globalization;

namespace Essaim.Edge.Tests;

/// <summary>A network namespace on the other end of a cable that can be pulled.</summary>
internal sealed class Cable : IAsyncDisposable
{
    private static int _made;
    private readonly string _here;

    private Cable()
    {
        // What a namespace held goes a while after it: the next cable has another name.
        string name = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}x{Interlocked.Increment(ref _made)}");
        (_here, Namespace) = ($"ec{name}", $"edge{name}");
    }

    /// <summary>False where this user may not make namespaces; CI must be able to.</summary>
    public static bool IsUsable => Environment.GetEnvironmentVariable("CI") == "true" || Environment.UserName == "root";

    public string Namespace { get; }

    public string Address { get; } = "10.79.13.2";

    public static async Task<Cable> MakeAsync()
    {
        Cable cable = new();
        await IpAsync("netns", "add", cable.Namespace);
        try
        {
            await IpAsync("link", "add", cable._here, "type", "veth", "peer", "name", "eth0", "netns", cable.Namespace);
            await IpAsync("addr", "add", "10.79.13.1/30", "dev", cable._here);
            await IpAsync("link", "set", cable._here, "up");
            await IpAsync("-n", cable.Namespace, "addr", "add", $"{cable.Address}/30", "dev", "eth0");
            await IpAsync("-n", cable.Namespace, "link", "set", "eth0", "up");
            await IpAsync("-n", cable.Namespace, "link", "set", "lo", "up");
            return cable;
        }
        catch
        {
            await cable.DisposeAsync();
            throw;
        }
    }

    /// <summary>Pulled at the far end, so that this end knows nothing of it.</summary>
    public Task PullAsync() => IpAsync("-n", Namespace, "link", "set", "eth0", "down");

    public Task PlugAsync() => IpAsync("-n", Namespace, "link", "set", "eth0", "up");

    public async ValueTask DisposeAsync()
    {
        // Both ends go at once, and with them the address the next cable takes.
        using (Process ip = Process.Start(new ProcessStartInfo("ip", ["link", "del", _here]) { RedirectStandardError = true })!)
            await ip.WaitForExitAsync(CancellationToken.None);
        await IpAsync("netns", "del", Namespace);
    }

    private static async Task IpAsync(params string[] arguments)
    {
        using Process ip = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        string error = await ip.StandardError.ReadToEndAsync(CancellationToken.None);
        await ip.WaitForExitAsync(CancellationToken.None);
        Assert.True(ip.ExitCode == 0, $"ip {string.Join(' ', arguments)}: {error}");
    }
}
