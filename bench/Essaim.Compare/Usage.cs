namespace Essaim.Compare;

/// <summary>The help text.</summary>
internal static class Usage
{
    public const string Text = """
        Compares Essaim with Celery and BullMQ on this machine: real processes, one redis-server of its own (free port, nothing on disk),
        the same no-op task with two integers. Contenders take turns, each measurement is made twice and the median is shown.

          bench/compare MEASUREMENT [options]

        Measurements
          enqueue     tasks/s sent one by one by 1 and by 8 callers, and 1,000 a call (Celery has no such call: one producer in a loop)
          process     tasks/s from a full queue, results kept and not; processor seconds per 10,000 tasks; memory of the worker's processes
          latency     send to start, p50 and p99: on an idle worker (50 tasks/s), and at half of what the contender processes
          distance    the three above beside Redis, and again with 2 ms added to each round trip
          depth       Essaim with 10,000 and with 5,000,000 tasks waiting, and what a task costs more
          replay      a worker as a share of what a bare client reaches that sends the same bytes to the same data;
                      the first of --products, by default essaim
          all         everything (some 40 minutes; --quick: some 8)

        Options
          --products A,B     essaim, essaim-noevents, essaim-threads, essaim-threads-noevents, celery-prefork, celery-threads, bullmq;
                             celery stands for both of its pools [default: all]
          --tasks N          tasks of one measurement of process [default: as many as the contender does in --seconds]
          --seconds S        how long one measurement is meant to last [default: 6]
          --rounds N         how often each is made [default: 2]
          --results keep|forget|both   [default: both]
          --rtt MS           add this much to each round trip, with a delaying proxy [default: 0]
          --samples N        tasks of a latency measurement on an idle worker [default: 600]
          --deep N           tasks that wait in depth [default: 5,000,000]
          -c, --concurrency N   slots of Essaim and Celery [default: 2]; BullMQ always runs 50 jobs at a time in one process
          --quick            2 s each, one round, 500,000 deep: a look, not a result
          --format text|json
          --folder DIR       where files go, and stay [default: a temporary folder]

        Settings
          Essaim    its defaults: child processes, with task events; the other three run with --no-events, --pool threads, or both
          Celery    its defaults but for -c 2; COMPARE_PYTHON names another Python than /usr/bin/python3
          BullMQ    its defaults but for concurrency 50; no results = removeOnComplete

        Examples
          bench/compare process --products essaim,celery-prefork --tasks 50000
          bench/compare enqueue --quick --format json
          bench/compare latency --products essaim,bullmq --rtt 2
          bench/compare replay --products essaim-threads
        """;
}
