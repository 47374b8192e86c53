namespace Essaim.Interop.Tests;

/// <summary>What must be on the machine.</summary>
public static class Installed
{
    public const string Python = "/usr/bin/python3";
    public const string Missing = "Redis, Celery, faketime, strace or ip is not installed here (on Debian: sudo apt-get install redis-server python3-celery python3-redis faketime strace iproute2)";

    public static bool IsUsable => Environment.GetEnvironmentVariable("CI") == "true"
        || (File.Exists(Python) && Directory.Exists("/usr/lib/python3/dist-packages/celery") && OnPath("redis-server") && OnPath("faketime") && OnPath("strace") && OnPath("ip"));

    /// <summary>The library of faketime; the command sets it up in a way that is for one clock only.</summary>
    public static string FakeTime => Directory.GetDirectories("/usr/lib")
        .Select(folder => Path.Combine(folder, "faketime/libfaketimeMT.so.1")).First(File.Exists);

    private static bool OnPath(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, command)));
}
