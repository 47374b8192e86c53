using Essaim;
using Essaim.Bench;

// `Essaim.Bench enqueue|throughput|latency|idle|config|sandbox|mqtt|edge|devices` measure; every other verb is the benchmark's own worker, started by these.
if (args is [string name, .. string[] rest] && Measurements.All.TryGetValue(name, out Func<BenchOptions, Task>? measure))
{
    await measure(BenchOptions.Parse(rest));
    return 0;
}

if (args is [] or ["--help"] or ["-h"])
{
    Console.WriteLine(BenchOptions.Usage);
    return args.Length == 0 ? 2 : 0;
}

if (args is [SimulatedDevices.Verb, string port, string count])
{
    await SimulatedDevices.RunAsync(int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), int.Parse(count, System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}

EssaimAppBuilder app = EssaimApp.CreateBuilder(args);
app.AddTask("bench.noop", () => { });
app.AddTask("bench.stamp", () => System.Diagnostics.Stopwatch.GetTimestamp());
return await app.Build().RunAsync();
