using System.Diagnostics;
using System.Globalization;
using Essaim.Protocol;

namespace Essaim.Tests.Workers;

/// <summary>
/// Measures the child channel: <c>Essaim.Tests channel-measure [tasks] [children] [in hand]</c> prints no-op tasks per second, message
/// decoding in the child included.
/// </summary>
internal static class ChannelMeasure
{
    public const string Verb = "channel-measure";

    public static async Task<int> RunAsync(string[] args)
    {
        int tasks = Argument(args, 1, 200_000), children = Argument(args, 2, 2), inHand = Argument(args, 3, 17);
        await MeasureAsync(tasks / 4, children, inHand);
        double seconds = await MeasureAsync(tasks, children, inHand);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{tasks / seconds:0} round trips/s over {children} children, {inHand} in hand each ({seconds:0.00} s)"));
        return 0;
    }

    private static async Task<double> MeasureAsync(int tasks, int children, int inHand)
    {
        Pump[] pumps = new Pump[children];
        for (int index = 0; index < children; index++)
        {
            pumps[index] = new Pump(tasks / children);
            pumps[index].Executor = await ChildProcessExecutor.StartAsync(
                ChildLaunch.OfThisProgram(), new ChildLimits(), pumps[index], TimeSpan.FromSeconds(60), TimeProvider.System, CancellationToken.None);
        }

        long start = Stopwatch.GetTimestamp();
        foreach (Pump pump in pumps)
            pump.Start(inHand);
        await Task.WhenAll(pumps.Select(pump => pump.Done.Task));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach (Pump pump in pumps)
            await pump.Executor!.DisposeAsync();
        return seconds;
    }

    private static int Argument(string[] args, int index, int usual) =>
        args.Length > index ? int.Parse(args[index], CultureInfo.InvariantCulture) : usual;

    private sealed class Pump(int tasks) : IExecutorListener
    {
        private readonly ExecutionRequest _request = Script.Request("noop");
        private int _handedOver;
        private int _ended;

        public ChildProcessExecutor? Executor { get; set; }

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Start(int inHand)
        {
            for (int index = 0; index < inHand; index++)
                HandOver();
        }

        public void OnEnded(TaskOutcome outcome)
        {
            HandOver();
            if (++_ended == tasks)
                Done.TrySetResult();
        }

        public void OnRecalled(int count) => Done.TrySetException(new InvalidOperationException("Nobody recalled anything."));

        public void OnLost(EndCause cause) => Done.TrySetException(new InvalidOperationException($"The child {cause.Sentence}."));

        public void OnProgress(double? fraction, string? text, RawJson data)
        {
        }

        public void OnLog(string level, string line) => Console.Error.WriteLine(line);

        private void HandOver()
        {
            if (Interlocked.Increment(ref _handedOver) <= tasks)
                Executor!.Run(_request);
        }
    }
}
