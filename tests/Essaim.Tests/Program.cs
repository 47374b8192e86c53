using Essaim.Tests.Workers;
using Xunit.Runner.InProc.SystemConsole;

// The worker's tests start this program again in these roles; without one it runs the tests.
return args.FirstOrDefault() switch
{
    ChildRole.Verb => await ChildRole.RunAsync(),
    ParentRole.Verb => await ParentRole.RunAsync(),
    WorkerRole.Verb => await WorkerRole.RunAsync(args),
    StepRole.Verb => await StepRole.RunAsync(args),
    WorkerMeasure.Verb => await WorkerMeasure.RunAsync(args),
    ScaleMeasure.Verb => await ScaleMeasure.RunAsync(args),
    ChannelMeasure.Verb => await ChannelMeasure.RunAsync(args),
    _ => await ConsoleRunner.Run(args),
};
