using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>Opens the broker of what is to run for long: where it is not there yet, as when a whole machine starts, it is waited for.</summary>
internal static class BackendOpener
{
    /// <summary>Tries until it is open, less and less often; says once that it waits, and once that it need not any more.</summary>
    /// <exception cref="EssaimException">It cannot be opened, and waiting would not change that.</exception>
    public static async Task<IBackend> OpenAsync(string url, BackendContext context, CancellationToken stop)
    {
        ILogger logger = context.Logging.CreateLogger("Essaim.Worker");
        Backoff backoff = new(context.Time, Random.Shared);
        while (true)
        {
            try
            {
                IBackend backend = await Backend.OpenAsync(url, context, stop);
                if (backoff.Succeed())
                    WorkerLog.BrokerIsThere(logger, backend.DisplayUrl);
                return backend;
            }
            catch (EssaimException absent) when (absent.MayPass)
            {
                if (backoff.Fail())
                    WorkerLog.WaitsForBroker(logger, absent.Message);
            }

            await backoff.WaitAsync(stop);
        }
    }
}
