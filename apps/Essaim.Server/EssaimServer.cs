using System.Net.Sockets;
using Essaim.Server.Web;
using Essaim.Storage;
using Essaim.Storage.Sqlite;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim.Server;

/// <summary>The core: the HTTP API over a broker, and the history of its tasks. It runs in any process, beside a worker if need be.</summary>
public sealed partial class EssaimServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly IBackend? _ownBackend;
    private readonly SqliteMetadataStore _store;
    private bool _stopped;

    private EssaimServer(WebApplication app, IBackend backend, bool ownsBackend, SqliteMetadataStore store, string adminKeyFile)
    {
        _app = app;
        _ownBackend = ownsBackend ? backend : null;
        _store = store;
        Backend = backend;
        AdminKeyFile = adminKeyFile;
    }

    /// <summary>The address, with the port it really has; no slash at its end.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Where the admin key lies.</summary>
    public string AdminKeyFile { get; }

    /// <summary>The backend it works on.</summary>
    public IBackend Backend { get; }

    internal IServiceProvider Services => _app.Services;

    /// <summary>Starts the core. It answers once this returns.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="cancellationToken">Stops starting.</param>
    /// <exception cref="ServerException"><c>ESS5001</c> to <c>ESS5006</c>: address, port, folder or key file.</exception>
    /// <exception cref="MetadataException">The history cannot be opened.</exception>
    /// <exception cref="BackendException">The broker cannot be opened.</exception>
    public static async Task<EssaimServer> StartAsync(ServerOptions options, CancellationToken cancellationToken = default)
    {
        // What can be refused is refused before anything is made.
        ListenAddress address = ListenAddress.Parse(options.Url);
        address.CheckFree();
        ListenAddress? edgePage = options.EdgePageUrl is { } url ? ListenAddress.Parse(url) : null;
        edgePage?.CheckFree();
        CoreFolder folder = CoreFolder.Open(options.DataFolder);
        string keyFile = Path.GetFullPath(options.AdminKeyFile ?? Path.Combine(folder.Path, "admin.key"));
        AdminKey key = AdminKey.Open(keyFile);
        SqliteMetadataStore store = SqliteMetadataStore.Open(Path.Combine(folder.Path, "metadata.db"), options.Time);
        IBackend? backend = null;
        EssaimServer? server = null;
        try
        {
            backend = options.Backend ?? await Essaim.Backend.OpenAsync(
                options.BackendUrl ?? "sqlite:" + Path.Combine(folder.Path, "broker.db"),
                new BackendContext(options.Time, options.Logging ?? NullLoggerFactory.Instance) { MayBeAway = true },
                cancellationToken);
            WebApplication app = Build(options, [address, .. edgePage is null ? [] : new[] { edgePage }], folder, key, backend, store);
            server = new EssaimServer(app, backend, ownsBackend: options.Backend is null, store, keyFile);
            await server.RunAsync(address, cancellationToken);
            return server;
        }
        catch when (server is not null)
        {
            await server.DisposeAsync();
            throw;
        }
        catch
        {
            if (backend is not null && options.Backend is null)
                await backend.DisposeAsync();
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops taking requests, lets those that run end (at most five seconds), and stops recording.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (_stopped)
            return;
        _stopped = true;
        await _app.StopAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
        await _store.DisposeAsync();
        if (_ownBackend is not null)
            await _ownBackend.DisposeAsync();
    }

    private async Task RunAsync(ListenAddress address, CancellationToken cancellationToken)
    {
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (IOException error) when (error.InnerException is AddressInUseException || error.GetBaseException() is SocketException)
        {
            throw address.Taken(error);
        }

        Url = _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        LogStarted(_app.Services.GetRequiredService<ILogger<EssaimServer>>(), Url, Backend.DisplayUrl);
    }

    private static WebApplication Build(ServerOptions options, IReadOnlyList<ListenAddress> addresses, CoreFolder folder, AdminKey key, IBackend backend, IMetadataStore store)
    {
        // Empty, not slim: no setting of the environment or of a file in the current folder may add an address to listen on.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Essaim.Server" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
            foreach ((System.Net.IPAddress ip, int port) in addresses.SelectMany(address => address.Addresses.Select(ip => (ip, address.Port))))
                kestrel.Listen(ip, port);
        });
        builder.Services.AddLogging();
        if (options.Logging is not null)
            builder.Services.AddSingleton(options.Logging);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.Services.AddRouting();
        builder.Services.ConfigureHttpJsonOptions(json => ApiJson.Apply(json.SerializerOptions));
        builder.Services.AddApiDocument();
        builder.Services.AddCore(options, folder, key, backend, store);

        WebApplication app = builder.Build();
        // Outermost: what is refused is measured, too.
        app.UseMiddleware<RequestMetrics>();
        app.UseMiddleware<ErrorBoundary>();
        app.UseMiddleware<HostGuard>();
        app.UseMiddleware<AdminKeyGate>();
        app.UseWeb();
        app.UseRouting();
        app.MapOpenApi();
        app.MapHealth();
        app.MapMetrics();
        RouteGroupBuilder v1 = app.MapGroup("/v1").ProducesProblem(401).ProducesProblem(503);
        v1.MapTasks();
        v1.MapQueues();
        v1.MapDeadLetters();
        v1.MapWorkers();
        v1.MapPlacement();
        v1.MapConfig();
        v1.MapSchedules();
        v1.MapDevices();
        v1.MapRounds();
        v1.MapEdgeEvents();
        v1.MapFunctions();
        v1.MapFiles();
        v1.MapVersion();
        app.MapWeb();
        return app;
    }

    [LoggerMessage(5000, LogLevel.Information, "The core listens on {Url}, on the broker {Broker}")]
    private static partial void LogStarted(ILogger logger, string url, string broker);
}
