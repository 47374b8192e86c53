using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Essaim.Redis.Tests;

public sealed class TransportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("essaim-tls-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task ConnectAsync_UnixSocket_Connects()
    {
        string path = Path.Combine(_folder, "redis.sock");
        await using OwnServer server = new() { Arguments = ["--unixsocket", path] };
        await server.InitializeAsync();

        await using RedisClient client = await OwnServer.ConnectAsync($"unix://{path}?virtual_host=1");

        Assert.Equal("PONG", (await client.SendAsync(new RespCommand("PING"), TestContext.Current.CancellationToken)).AsText());
    }

    [Fact]
    public async Task ConnectAsync_Tls_OnlyWhatIsTrusted()
    {
        await OpenSslAsync("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem");
        await OpenSslAsync("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr");
        await File.WriteAllTextAsync(Path.Combine(_folder, "names"), "subjectAltName=DNS:localhost\n", TestContext.Current.CancellationToken);
        await OpenSslAsync("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", "server.pem");
        int port = FreePort();
        await using OwnServer server = new()
        {
            Arguments =
            [
                "--tls-port", port.ToString(CultureInfo.InvariantCulture), "--tls-auth-clients", "no", "--tls-ca-cert-file", Path.Combine(_folder, "ca.pem"),
                "--tls-cert-file", Path.Combine(_folder, "server.pem"), "--tls-key-file", Path.Combine(_folder, "server.key"),
            ],
        };
        await server.InitializeAsync();
        string trusted = $"ssl_ca_certs={Path.Combine(_folder, "ca.pem")}";

        await (await OwnServer.ConnectAsync($"rediss://localhost:{port}?{trusted}")).DisposeAsync();
        await (await OwnServer.ConnectAsync($"rediss://127.0.0.1:{port}?{trusted}&ssl_check_hostname=false")).DisposeAsync();
        await (await OwnServer.ConnectAsync($"rediss://127.0.0.1:{port}?ssl_cert_reqs=none")).DisposeAsync();

        foreach (string refusedUrl in (string[])[$"rediss://localhost:{port}", $"rediss://127.0.0.1:{port}?{trusted}"])
        {
            BackendException refused = await Assert.ThrowsAsync<BackendException>(() => OwnServer.ConnectAsync(refusedUrl));
            Assert.Equal("ESS2107", refused.Code);
            Assert.EndsWith(
                "Name the authority that signed its certificate with ssl_ca_certs=FILE in the broker URL, and use the host name the certificate is for.",
                refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ConnectAsync_TlsWithAnIntermediateAuthority_TheRootIsEnough()
    {
        const string Authority = "basicConstraints=critical,CA:TRUE\n", Names = "subjectAltName=DNS:localhost\n";
        await OpenSslAsync("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=root", "-keyout", "ca.key", "-out", "ca.pem");
        await SignAsync("middle", "/CN=middle", "ca", Authority);
        await SignAsync("server", "/CN=localhost", "middle", Names);
        string chain = Path.Combine(_folder, "chain.pem");
        foreach (string part in (string[])["server.pem", "middle.pem"])
            await File.AppendAllTextAsync(chain, await File.ReadAllTextAsync(Path.Combine(_folder, part), TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        int port = FreePort();
        await using OwnServer server = new()
        {
            Arguments =
            [
                "--tls-port", port.ToString(CultureInfo.InvariantCulture), "--tls-auth-clients", "no", "--tls-ca-cert-file", Path.Combine(_folder, "ca.pem"),
                "--tls-cert-file", chain, "--tls-key-file", Path.Combine(_folder, "server.key"),
            ],
        };
        await server.InitializeAsync();

        await using RedisClient client = await OwnServer.ConnectAsync($"rediss://localhost:{port}?ssl_ca_certs={Path.Combine(_folder, "ca.pem")}");

        Assert.Equal("PONG", (await client.SendAsync(new RespCommand("PING"), TestContext.Current.CancellationToken)).AsText());
    }

    private async Task SignAsync(string name, string subject, string signer, string extensions)
    {
        await OpenSslAsync("req", "-newkey", "rsa:2048", "-nodes", "-subj", subject, "-keyout", $"{name}.key", "-out", $"{name}.csr");
        await File.WriteAllTextAsync(Path.Combine(_folder, $"{name}.ext"), extensions, TestContext.Current.CancellationToken);
        await OpenSslAsync(
            "x509", "-req", "-in", $"{name}.csr", "-CA", $"{signer}.pem", "-CAkey", $"{signer}.key", "-CAcreateserial", "-days", "2", "-extfile", $"{name}.ext", "-out", $"{name}.pem");
    }

    private async Task OpenSslAsync(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("openssl", arguments) { WorkingDirectory = _folder, RedirectStandardError = true })!;
        string errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, errors);
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
