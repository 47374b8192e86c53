using Essaim.Sqlite.Tests.Processes;
using Xunit.Runner.InProc.SystemConsole;

// Also the second process of the tests that need one.
return args switch
{
    ["--as-writer", string path] => await CrashWriter.RunAsync(path),
    ["--as-neighbour", string path] => await Neighbour.RunAsync(path),
    ["--as-filler", string path] => await DiskFiller.RunAsync(path),
    ["--as-opener", string path] => await Opener.RunAsync(path),
    _ => await ConsoleRunner.Run(args),
};
