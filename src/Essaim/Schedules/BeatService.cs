using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>
/// Fires schedules while the program runs; any number of programs may do so on one broker, each firing happens once. Sleeps until
/// the next firing is due, and looks for changed schedules every 2 s.
/// </summary>
public sealed partial class BeatService : BackgroundService
{
    private static readonly TimeSpan RereadEvery = TimeSpan.FromSeconds(2);

    private readonly Beat _beat;
    private readonly ScheduleRegistrar _registrar;
    private readonly TimeProvider _time;
    private readonly ILogger<BeatService> _logger;

    /// <summary>Makes the service.</summary>
    /// <param name="backend">Where schedules live and tasks go; not disposed here.</param>
    /// <param name="options">Clock, routes, default queue, known tasks.</param>
    /// <param name="logging">Logger factory.</param>
    /// <param name="schedules">Schedules this program declares; written to the store at start.</param>
    public BeatService(
        IBackend backend, TaskClientOptions options, ILoggerFactory logging, IReadOnlyDictionary<string, ScheduleDefinition>? schedules = null)
    {
        _time = options.ClockOf(backend);
        _logger = logging.CreateLogger<BeatService>();
        _beat = new Beat(backend, options, logging.CreateLogger<Beat>());
        _registrar = new ScheduleRegistrar(backend.Schedules, _time);
        Schedules = schedules ?? new Dictionary<string, ScheduleDefinition>();
    }

    /// <summary>Schedules this program declares.</summary>
    public IReadOnlyDictionary<string, ScheduleDefinition> Schedules { get; }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        bool declared = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan wait = RereadEvery;
            try
            {
                if (!declared)
                    await _registrar.DeclareAsync(Schedules, stoppingToken);
                declared = true;
                if (await _beat.TickAsync(stoppingToken) is { } next && next - _time.GetUtcNow() < wait)
                    wait = next - _time.GetUtcNow();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                LogTrouble(error.Message);
            }

            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(4104, LogLevel.Warning, "Beat could not read or fire schedules and tries again in 2 s: {Error}")]
    private partial void LogTrouble(string error);
}
