using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Essaim.Redis;

/// <summary>A Redis or Valkey server as broker, results, events, control, configuration and schedules. Safe on all threads.</summary>
public sealed class RedisBackend : IBackend, IFleetReader, IQueueBinder
{
    private readonly RedisLink _link;
    private readonly RedisControlBus _control;
    private readonly QueueBindings _bindings;

    private RedisBackend(RedisLink link, ILogger logger)
    {
        _link = link;
        _bindings = new QueueBindings(link);
        Broker = new RedisBroker(link);
        Results = new RedisResultStore(link);
        Events = new RedisEventBus(link.Client, link.Keys, logger);
        _control = new RedisControlBus(link.Client, link.Keys, link.Clock.Time, logger);
        Configuration = new RedisConfigStore(link.Client, link.Clock.Time, link.Settings.ConfigPrefix);
        Schedules = new RedisScheduleStore(link);
        Steps = new RedisStepStore(link);
        Blobs = new RedisBlobStore(link);
        Logs = new RedisLogStore(link);
    }

    /// <inheritdoc />
    public string DisplayUrl => _link.Client.Url.Display;

    /// <inheritdoc />
    public TimeProvider Clock => _link.Clock.Time;

    /// <inheritdoc />
    public IBroker Broker { get; }

    /// <inheritdoc />
    public IResultStore Results { get; }

    /// <inheritdoc />
    public IEventBus Events { get; }

    /// <inheritdoc />
    public IControlBus Control => _control;

    /// <inheritdoc />
    public IConfigStore Configuration { get; }

    /// <inheritdoc />
    public IScheduleStore Schedules { get; }

    /// <inheritdoc />
    public IStepStore Steps { get; }

    /// <inheritdoc />
    public IBlobStore Blobs { get; }

    /// <inheritdoc />
    public ITaskLogStore Logs { get; }

    /// <summary>Opens the server a URL names; the URL's query holds settings, see <c>docs/redis.md</c>.</summary>
    /// <param name="url">Such as <c>redis://user:password@host:6379/0</c>, <c>rediss://…</c>, <c>unix:///path</c>, <c>sentinel://…;…</c>.</param>
    /// <param name="context">Clock and logging.</param>
    /// <param name="cancellationToken">Stops trying.</param>
    /// <exception cref="BackendException"><c>ESS21xx</c>: it cannot be opened; the text says why and what to do.</exception>
    public static async ValueTask<RedisBackend> OpenAsync(string url, BackendContext context, CancellationToken cancellationToken)
    {
        RedisUrl parsed = RedisUrl.Parse(url);
        RedisSettings settings = RedisSettings.From(parsed.Options, parsed.Display);
        ILogger logger = context.Logging.CreateLogger("Essaim.Redis");
        RedisClient client = await RedisClient.ConnectAsync(parsed, logger, context.MayBeAway, cancellationToken);
        RedisKeys keys = new(settings.GlobalPrefix, settings.OwnPrefix, parsed.Database, settings.ResultPrefix);
        ServerClock clock = new(context.Time);
        try
        {
            if (client.ServerVersion.Major > 0)
                await clock.AskAsync(client, cancellationToken);
            else
                _ = AskLaterAsync(clock, client);
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }

        return new RedisBackend(new RedisLink(client, keys, settings, clock), logger);
    }

    /// <inheritdoc />
    public async ValueTask<BackendHealth> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            string probe = _link.Keys.Own + "health";
            await _link.Client.SendAsync(new RespCommand("SET", idempotent: true).Add(probe).Add("1"u8).Add("EX"u8).Add(60), cancellationToken);
            string info = (await _link.Client.SendAsync(new RespCommand("INFO", idempotent: true).Add("memory"), cancellationToken)).AsText() ?? "";
            double used = Field(info, "used_memory:") / 1024 / 1024;
            double most = Field(info, "maxmemory:") / 1024 / 1024;
            string bound = most > 0 ? string.Create(CultureInfo.InvariantCulture, $" of {most:0.#}") : "";
            return new BackendHealth(true, string.Create(CultureInfo.InvariantCulture, $"Redis {_link.Client.ServerVersion}, {used:0.#}{bound} MiB"));
        }
        catch (EssaimException problem)
        {
            return new BackendHealth(false, problem.Message);
        }
    }

    /// <summary>Looks at all workers' messages, Python's too, with commands that only read.</summary>
    public ValueTask<FleetReading> ReadAsync(CancellationToken cancellationToken) => new RedisFleetReader(_link.Client, _link.Keys, _link.Clock.Time).ReadAsync(cancellationToken);

    /// <inheritdoc />
    public async ValueTask BindAsync(string queue, string exchange, string routingKey, bool topic, CancellationToken cancellationToken) =>
        await _bindings.AddAsync(queue, exchange, routingKey, topic, cancellationToken);

    /// <inheritdoc />
    public ValueTask<bool> UnbindAsync(string queue, string exchange, string routingKey, bool topic, CancellationToken cancellationToken) =>
        _bindings.RemoveAsync(queue, exchange, routingKey, topic, cancellationToken);

    /// <summary>Closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _control.DisposeAsync();
        await _link.Client.DisposeAsync();
    }

    /// <summary>Asks for the time once the server is there: whatever needs it before goes by this machine's.</summary>
    private static async Task AskLaterAsync(ServerClock clock, RedisClient client)
    {
        try
        {
            for (bool asked = false; !asked;)
            {
                try
                {
                    await clock.AskAsync(client, CancellationToken.None);
                    asked = true;
                }
                catch (EssaimException)
                {
                    // Each try has waited for a connection as long as a command may.
                }
            }
        }
        catch (Exception closed) when (closed is ObjectDisposedException or OperationCanceledException)
        {
            // The backend was closed before its server came.
        }
    }

    private static double Field(string info, string name)
    {
        int start = info.IndexOf(name, StringComparison.Ordinal);
        if (start < 0)
            return 0;
        ReadOnlySpan<char> rest = info.AsSpan(start + name.Length);
        int end = rest.IndexOf('\r');
        return double.TryParse(end < 0 ? rest : rest[..end], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : 0;
    }
}
