namespace Essaim.Interop.Tests;

/// <summary>A wall clock of a process's own that is off, and can be set while it runs; what counts evenly (uptime) goes on as it is.</summary>
internal sealed class WrongClock : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    /// <param name="off">Such as <c>+1h</c>, <c>-20000d</c>.</param>
    public WrongClock(string off)
    {
        Set(off);
        Environment = new Dictionary<string, string?>
        {
            ["LD_PRELOAD"] = Installed.FakeTime,
            ["FAKETIME_TIMESTAMP_FILE"] = _file,
            ["FAKETIME_NO_CACHE"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        };
    }

    /// <summary>What the process is to be started with.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; }

    public void Set(string off)
    {
        string next = _file + ".next";
        File.WriteAllText(next, off + "\n");
        File.Move(next, _file, overwrite: true);
    }

    public void Dispose() => File.Delete(_file);
}
