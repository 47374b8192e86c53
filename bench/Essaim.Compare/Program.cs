using Essaim;
using Essaim.Compare;

// Measurements, this program's own producer and proxy, and else the verbs of a program with tasks: its worker among them.
if (args is [] or ["--help"] or ["-h"])
{
    Console.WriteLine(Usage.Text);
    return args.Length == 0 ? 2 : 0;
}

if (args is [EssaimProducer.Verb, string url, string job])
    return await EssaimProducer.RunAsync(url, job);

using CancellationTokenSource stop = new();
if (args is [DelayingProxy.Verb, string port, string delay])
{
    await DelayingProxy.Of(port, delay).RunAsync(stop.Token);
    return 0;
}

if (!Suite.Measurements.ContainsKey(args[0]))
{
    EssaimAppBuilder app = EssaimApp.CreateBuilder(args);
    EssaimTasks.AddTo(app);
    return await app.Build().RunAsync();
}

Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
try
{
    return await Suite.RunAsync(CompareOptions.Parse(args), stop.Token);
}
catch (UsageException problem)
{
    await Console.Error.WriteLineAsync($"compare: {problem.Message}");
    return 2;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
