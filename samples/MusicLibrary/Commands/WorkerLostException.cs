using Essaim;

namespace MusicLibrary;

/// <summary>The worker of a scan does not stay up.</summary>
internal sealed class WorkerLostException(int starts, string logFile) : EssaimException(
    "ESS9003", $"The worker of this scan ended {starts} times. What it said is in '{logFile}'. Mend that and scan again: it goes on where it was.");
