using System.Diagnostics;
using System.Globalization;

namespace Essaim.Interop.Tests;

/// <summary>Machines of a kind: network namespaces on one bridge, whose links can be cut. The core has 10.77.0.1, node N has 10.77.0.(10+N).</summary>
internal sealed class Network : IAsyncDisposable
{
    public const string CoreAddress = "10.77.0.1";
    private readonly string _prefix = string.Create(CultureInfo.InvariantCulture, $"ess{Environment.ProcessId}");
    private readonly List<string> _namespaces = [];

    private Network()
    {
    }

    /// <summary>False where this user may not make namespaces; CI must be able to.</summary>
    public static bool IsUsable => Environment.GetEnvironmentVariable("CI") == "true" || Environment.UserName == "root";

    public string Core => $"{_prefix}core";

    public static async Task<Network> MakeAsync(int nodes)
    {
        Network network = new();
        try
        {
            await network.AddAsync(network.Core);
            await IpAsync("-n", network.Core, "link", "add", "br0", "type", "bridge");
            await IpAsync("-n", network.Core, "addr", "add", $"{CoreAddress}/24", "dev", "br0");
            await IpAsync("-n", network.Core, "link", "set", "br0", "up");
            for (int node = 0; node < nodes; node++)
                await network.AddNodeAsync(node);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>The command that runs a program there.</summary>
    public static IReadOnlyList<string> Exec(string where) => ["netns", "exec", where];

    public string Node(int node) => string.Create(CultureInfo.InvariantCulture, $"{_prefix}n{node}");

    public Task CutAsync(int node) => IpAsync("-n", Core, "link", "set", Link(node), "down");

    public Task MendAsync(int node) => IpAsync("-n", Core, "link", "set", Link(node), "up");

    public async ValueTask DisposeAsync()
    {
        foreach (string name in _namespaces)
            await IpAsync("netns", "del", name);
        _namespaces.Clear();
    }

    private static string Link(int node) => string.Create(CultureInfo.InvariantCulture, $"to{node}");

    private async Task AddNodeAsync(int node)
    {
        string name = Node(node);
        await AddAsync(name);
        await IpAsync("link", "add", Link(node), "netns", Core, "type", "veth", "peer", "name", "eth0", "netns", name);
        await IpAsync("-n", Core, "link", "set", Link(node), "master", "br0", "up");
        await IpAsync("-n", name, "addr", "add", string.Create(CultureInfo.InvariantCulture, $"10.77.0.{10 + node}/24"), "dev", "eth0");
        await IpAsync("-n", name, "link", "set", "eth0", "up");
    }

    private async Task AddAsync(string name)
    {
        await IpAsync("netns", "add", name);
        _namespaces.Add(name);
        await IpAsync("-n", name, "link", "set", "lo", "up");
    }

    private static async Task IpAsync(params string[] arguments)
    {
        using Process ip = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        string error = await ip.StandardError.ReadToEndAsync(CancellationToken.None);
        await ip.WaitForExitAsync(CancellationToken.None);
        Assert.True(ip.ExitCode == 0, $"ip {string.Join(' ', arguments)}: {error}");
    }
}
