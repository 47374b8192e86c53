using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Essaim.Storage;
using Microsoft.Extensions.Logging;

namespace Essaim.Server.Tests;

public sealed class StartTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("essaim-start-");

    private string Data => Path.Combine(_folder.FullName, "data");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("http://0.0.0.0:8000", "0.0.0.0")]
    [InlineData("http://192.168.1.2:8000", "192.168.1.2")]
    [InlineData("http://[::]:8000", "[::]")]
    [InlineData("http://example.org:8000", "example.org")]
    public async Task Start_NotLoopback_IsRefusedAndMakesNothing(string url, string host)
    {
        ServerException error = await FailAsync(url);

        Assert.Equal("ESS5001", error.Code);
        Assert.Equal(
            $"The core does not listen on '{host}': everyone on the network could reach it, and no authentication is configured. Listen on 127.0.0.1 and let a "
            + "reverse proxy or an SSH tunnel carry it further.",
            error.Message);
    }

    [Theory]
    [InlineData("8000")]
    [InlineData("https://127.0.0.1:8000")]
    [InlineData("http://127.0.0.1:8000/path")]
    public async Task Start_NotAnAddress_IsRefusedAndMakesNothing(string url)
    {
        ServerException error = await FailAsync(url);

        Assert.Equal("ESS5002", error.Code);
        Assert.Equal($"'{url}' is not an address the core can listen on. Give it as http://ADDRESS:PORT, such as http://127.0.0.1:8000.", error.Message);
    }

    [Fact]
    public async Task Start_PortTaken_IsRefusedAndMakesNothing()
    {
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;

        ServerException error = await FailAsync(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));

        Assert.Equal("ESS5003", error.Code);
        Assert.Equal(
            $"The core cannot listen on 127.0.0.1:{port} (Address already in use). Is it running already? Stop the other program, or choose another port.", error.Message);
    }

    [Fact]
    public async Task Start_DataFolderIsAFile_IsRefused()
    {
        await File.WriteAllTextAsync(Data, "", TestContext.Current.CancellationToken);

        ServerException error = await Assert.ThrowsAsync<ServerException>(() => StartAsync());

        Assert.Equal("ESS5004", error.Code);
        Assert.StartsWith($"The data folder '{Data}' cannot be written to (", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("). Check who owns it, or choose another with --data.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_HistoryDamaged_IsRefused()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "metadata.db"), new string('x', 5000), TestContext.Current.CancellationToken);

        Assert.Equal("ESS5101", (await Assert.ThrowsAsync<MetadataException>(() => StartAsync())).Code);
    }

    [Fact]
    public async Task Start_UnknownBroker_IsRefused()
    {
        ServerOptions options = new() { Url = "http://127.0.0.1:0", DataFolder = Data, BackendUrl = "amqp://x" };

        Assert.Equal("ESS1001", (await Assert.ThrowsAsync<BackendException>(() => EssaimServer.StartAsync(options, TestContext.Current.CancellationToken))).Code);
    }

    [Fact]
    public async Task Start_NewFolder_OnlyItsUserMayEnter()
    {
        await using EssaimServer server = await StartAsync();

        Assert.Equal(Path.Combine(Data, "admin.key"), server.AdminKeyFile);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Data));
    }

    [Fact]
    public async Task Log_OfAWholeLife_NeverHoldsTheKey()
    {
        ListLogger log = new();
        await using (EssaimServer server = await StartAsync(log))
        {
            string key = (await File.ReadAllTextAsync(server.AdminKeyFile, TestContext.Current.CancellationToken)).Trim();
            using HttpClient http = new() { BaseAddress = new Uri(server.Url) };
            http.DefaultRequestHeaders.Add("X-Api-Key", key);
            await http.GetStringAsync("/v1/tasks", TestContext.Current.CancellationToken);
            Assert.Contains(log.Lines, line => line.StartsWith($"The core listens on {server.Url}", StringComparison.Ordinal));
            Assert.DoesNotContain(log.Lines, line => line.Contains(key, StringComparison.Ordinal));
        }
    }

    private async Task<ServerException> FailAsync(string url)
    {
        ServerOptions options = new() { Url = url, DataFolder = Data, BackendUrl = "memory:" };
        ServerException error = await Assert.ThrowsAsync<ServerException>(() => EssaimServer.StartAsync(options, TestContext.Current.CancellationToken));
        Assert.False(Directory.Exists(Data));
        return error;
    }

    private Task<EssaimServer> StartAsync(ILoggerFactory? log = null) => EssaimServer.StartAsync(
        new ServerOptions { Url = "http://127.0.0.1:0", DataFolder = Data, Backend = new InMemoryBackend(TimeProvider.System), Logging = log }, TestContext.Current.CancellationToken);

    private sealed class ListLogger : ILoggerFactory, ILogger
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines)
                    return [.. _lines];
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines)
                _lines.Add(formatter(state, exception));
        }

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}
