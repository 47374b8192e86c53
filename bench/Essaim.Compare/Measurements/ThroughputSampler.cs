using System.Diagnostics;

namespace Essaim.Compare;

/// <summary>Watches a queue run empty, from outside and in the same way for every contender.</summary>
internal static class ThroughputSampler
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan MemoryStep = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    /// <param name="countLeft">How many tasks wait or run.</param>
    /// <param name="filled">How many waited at first.</param>
    /// <param name="warmUp">How many are done before the clock starts.</param>
    /// <param name="atMost">When to stop even if some are left.</param>
    /// <param name="worker">Who works; null where that is this process.</param>
    /// <param name="redisId">The Redis server.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<Throughput> WatchAsync(
        Func<long> countLeft, long filled, long warmUp, TimeSpan atMost, SideProgram? worker, int redisId, CancellationToken cancellationToken)
    {
        Mark? begin = null;
        double resident = 0;
        double proportional = 0;
        long lastLeft = filled;
        long lastMove = Stopwatch.GetTimestamp();
        long lastMemory = 0;
        while (true)
        {
            long left = countLeft();
            if (left != lastLeft)
                (lastLeft, lastMove) = (left, Stopwatch.GetTimestamp());
            if (begin is null && filled - left >= warmUp)
                begin = Mark.Now(filled - left, worker, redisId);
            if (begin is not null && (left == 0 || Stopwatch.GetElapsedTime(begin.At) >= atMost))
                return begin.To(Mark.Now(filled - left, worker, redisId), resident, proportional);
            if (Stopwatch.GetElapsedTime(lastMove) > Patience)
                throw new InvalidOperationException($"Nothing was done for {Patience.TotalSeconds} s with {left} of {filled} tasks left. The worker said: {worker?.Complaints}");
            if (worker is not null && Stopwatch.GetElapsedTime(lastMemory) > MemoryStep)
            {
                worker.RequireRunning();
                resident = Math.Max(resident, ProcessTree.ResidentMiB(worker.Id));
                proportional = Math.Max(proportional, ProcessTree.ProportionalMiB(worker.Id));
                lastMemory = Stopwatch.GetTimestamp();
            }

            await Task.Delay(Step, TimeProvider.System, cancellationToken);
        }
    }

    private sealed record Mark(long At, long Done, double WorkerCpu, double RedisCpu)
    {
        public static Mark Now(long done, SideProgram? worker, int redisId)
        {
            long at = Stopwatch.GetTimestamp();
            return new Mark(at, done, worker is null ? 0 : ProcessTree.CpuSeconds(worker.Id), ProcessTree.CpuSeconds(redisId));
        }

        public Throughput To(Mark end, double resident, double proportional)
        {
            double tasks = Math.Max(1, end.Done - Done);
            double seconds = Stopwatch.GetElapsedTime(At, end.At).TotalSeconds;
            return new Throughput(
                tasks / seconds, seconds, (end.WorkerCpu - WorkerCpu) / tasks * 10_000, (end.RedisCpu - RedisCpu) / tasks * 10_000, resident, proportional);
        }
    }
}

/// <summary>What a worker did with a queue.</summary>
/// <param name="Rate">Tasks a second.</param>
/// <param name="Seconds">From the first to the last that was counted.</param>
/// <param name="WorkerCpu">Processor seconds of the worker and all it started, per 10,000 tasks.</param>
/// <param name="RedisCpu">Processor seconds of Redis per 10,000 tasks.</param>
/// <param name="ResidentMiB">Most resident memory of the worker and all it started, added up.</param>
/// <param name="ProportionalMiB">The same with shared pages counted once.</param>
internal sealed record Throughput(double Rate, double Seconds, double WorkerCpu, double RedisCpu, double ResidentMiB, double ProportionalMiB);
