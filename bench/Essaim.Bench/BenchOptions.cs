using System.Globalization;

namespace Essaim.Bench;

/// <summary>What to measure with.</summary>
internal sealed record BenchOptions
{
    public const string Usage = """
        Measures Essaim on this machine. Every figure is of real files, real processes, durable writes.

          Essaim.Bench enqueue    [--producers 8] [--seconds 10]   single durable enqueues by concurrent producers
          Essaim.Bench throughput [--tasks 50000] [--pool processes|threads] [--slots 2] [--events]   no-op tasks from queue to result
          Essaim.Bench latency    [--tasks 500]   submit to start on an idle worker, producer and worker in two processes
          Essaim.Bench idle       [--seconds 60] [--pool threads]   resident memory and CPU of a worker with nothing to do
          Essaim.Bench config     --url redis://HOST:PORT/0 [--tasks 2000]   the configuration of 50 queues and 500 routes: reading it, and how soon 20 subscribers apply it
          Essaim.Bench sandbox    [--tasks 200] [--runs 1000] [--at-once 500]   users' Python behind bubblewrap: start, size, what it leaves
          Essaim.Bench mqtt       [--tasks 50000]   the MQTT client against a Mosquitto of its own; so many messages
          Essaim.Bench edge       [--tasks 1000]    a core, a Mosquitto and a slot: so many presses; a backlog; broker restarts; presence
          Essaim.Bench devices    [--tasks 10000] [--seconds 20]   so many simulated devices on a core: heartbeats, the live stream, a round of all

        --folder DIR   where the files go (default: a new folder under the temporary folder; put it on a real disk)
        """;

    public string Folder { get; init; } = Path.Combine(Path.GetTempPath(), $"essaim-bench-{Environment.ProcessId}");

    /// <summary>Of a server that was started for this, where a measurement needs one.</summary>
    public string? Url { get; init; }

    public int Producers { get; init; } = 8;

    public int Seconds { get; init; } = 10;

    public int Tasks { get; init; } = 50_000;

    public int Runs { get; init; } = 1000;

    public int AtOnce { get; init; } = 500;

    public int Slots { get; init; } = 2;

    public string Pool { get; init; } = "processes";

    public bool Events { get; init; }

    public string Broker => $"sqlite:{Path.Combine(Folder, "essaim.db")}";

    public static BenchOptions Parse(string[] args)
    {
        BenchOptions options = new();
        for (int i = 0; i < args.Length; i++)
        {
            string Value() => i + 1 < args.Length ? args[++i] : throw new ArgumentException($"{args[i]} needs a value.");
            int Number() => int.Parse(Value(), CultureInfo.InvariantCulture);
            options = args[i] switch
            {
                "--folder" => options with { Folder = Value() },
                "--url" => options with { Url = Value() },
                "--producers" => options with { Producers = Number() },
                "--seconds" => options with { Seconds = Number() },
                "--tasks" => options with { Tasks = Number() },
                "--runs" => options with { Runs = Number() },
                "--at-once" => options with { AtOnce = Number() },
                "--slots" => options with { Slots = Number() },
                "--pool" => options with { Pool = Value() },
                "--events" => options with { Events = true },
                _ => throw new ArgumentException($"Unknown option {args[i]}.\n\n{Usage}"),
            };
        }

        Directory.CreateDirectory(options.Folder);
        return options;
    }
}
