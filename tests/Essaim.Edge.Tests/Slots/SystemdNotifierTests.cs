using System.Net.Sockets;
using System.Text;

namespace Essaim.Edge.Tests;

public sealed class SystemdNotifierTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Notify_SocketOfSystemd_IsTold(bool isAbstract)
    {
        string folder = Directory.CreateTempSubdirectory("essaim-notify-").FullName;
        try
        {
            string path = Path.Combine(folder, "notify");
            using Socket systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            systemd.Bind(new UnixDomainSocketEndPoint(isAbstract ? '\0' + path : path));
            using SystemdNotifier notifier = new(isAbstract ? '@' + path : path);

            notifier.Ready();
            notifier.FeedWatchdog();
            notifier.Stopping();

            Assert.Equal(["READY=1", "WATCHDOG=1", "STOPPING=1"], [await NextAsync(systemd), await NextAsync(systemd), await NextAsync(systemd)]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/nowhere/notify")]
    public void Notify_NoSystemd_TellsNobody(string? path)
    {
        using SystemdNotifier notifier = new(path);

        notifier.Ready();
    }

    private static async Task<string> NextAsync(Socket socket)
    {
        byte[] buffer = new byte[100];
        return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }
}
