using System.ComponentModel;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Essaim.Sandbox;

/// <summary>
/// Sandboxes that have loaded their imports and wait, each for one run. They belong to the machine's folder, not to a process: a slot is a
/// folder below <c>warm</c>, held by a shim of its own, and is taken by renaming it. Safe on all threads and in several processes.
/// </summary>
internal sealed class WarmPool(BubblewrapExecutor executor)
{
    /// <summary>What a run must have beyond what its slot has loaded.</summary>
    private const long Room = 64 << 20;

    /// <summary>Who copies more has no use for milliseconds, and a taken slot does not wait for ever.</summary>
    private const long MostFiles = 64 << 20;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private const int MostTries = 100;
    private const string Over = ".over";
    private static readonly TimeSpan LoadingTime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ShimsStart = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenFailures = TimeSpan.FromMinutes(5);
    private static readonly RunLimits Usual = new();

    /// <summary>A slot that nobody takes ends after this long. Default 15 min.</summary>
    public TimeSpan Waits { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>One that was taken, but never became a run, after this long. Default 30 s.</summary>
    public TimeSpan TakersTime { get; init; } = TimeSpan.FromSeconds(30);

    private string Top => Path.Combine(executor.Options.Folder, "warm");

    /// <summary>Where an environment's slots are: of this kit, this interpreter, these packages. Others are never found, and end by themselves.</summary>
    public string FolderOf(WarmEnvironment environment) => Path.Combine(Top, $"{environment.Name}-{Fingerprint(environment)}");

    /// <summary>When it was used.</summary>
    public WarmUses UsesOf(WarmEnvironment environment) => new(Path.Combine(Top, environment.Name + ".uses"), executor.Time);

    /// <summary>Slots that can be taken now.</summary>
    public int Ready(WarmEnvironment environment) => Slots(environment).Count(slot => File.Exists(Path.Combine(slot.Path, "ready")) && slot.IsHeld);

    /// <summary>Starts the run in a slot that waits; null where none does, or none fits: it is to be started cold.</summary>
    public ISandboxRun? TryTake(WarmEnvironment environment, RunRequest request)
    {
        if (!Fits(request))
            return null;
        foreach (RunFolder slot in Slots(environment))
        {
            if (MemoryOf(slot) is { } memory && request.Limits.Memory >= memory + Room && TryTake(slot, request) is { } run)
                return run;
        }

        return null;
    }

    /// <summary>What cannot be changed any more is as it is by default.</summary>
    internal static bool Fits(RunRequest request) => !request.LookOnly
        && request.Limits.Scratch == Usual.Scratch
        && request.Files.Sum(file => new FileInfo(file.Path) is { Exists: true } found ? found.Length : 0) <= MostFiles
        && BubblewrapCommand.Threads(request.Limits) == BubblewrapCommand.Threads(Usual);

    /// <summary>Starts slots, one after another, until so many wait. At once one process of the machine does.</summary>
    /// <param name="environment">Of which.</param>
    /// <param name="wanted">How many; asked anew before each.</param>
    /// <param name="cancellationToken">Stops waiting; a slot that was started goes on.</param>
    /// <returns>How many were started.</returns>
    /// <exception cref="SandboxException"><c>ESS6052</c> a slot ended before it was ready.</exception>
    public async Task<int> FillAsync(WarmEnvironment environment, Func<int> wanted, CancellationToken cancellationToken)
    {
        using FileStream? gate = await EnterAsync(cancellationToken);
        int started = 0;
        while (gate is not null && Slots(environment).Count(slot => slot.IsHeld) < wanted())
        {
            Machine.MakePassable(FolderOf(environment));
            File.Delete(FailedFile(environment));
            await LoadAsync(environment, Start(environment), cancellationToken);
            started++;
        }

        return started;
    }

    /// <summary>One could not be made a short while ago.</summary>
    public bool HasFailedLately(WarmEnvironment environment) =>
        File.Exists(FailedFile(environment)) && executor.Time.GetUtcNow() - File.GetLastWriteTimeUtc(FailedFile(environment)) < BetweenFailures;

    /// <summary>Ends all that wait, of all environments.</summary>
    public void Empty()
    {
        foreach (RunFolder slot in Directory.EnumerateDirectories(Top).SelectMany(Directory.EnumerateDirectories).Select(path => new RunFolder(path)).Where(slot => slot.IsHeld))
            Posix.Kill(slot.ShimProcess, Posix.SigTerm);
    }

    /// <summary>Removes slots whose shim is gone.</summary>
    /// <returns>Names of the groups that are in use.</returns>
    internal static async Task<IReadOnlySet<string>> SweepAsync(IHeldExecutor executor, CancellationToken cancellationToken)
    {
        HashSet<string> used = [];
        string top = Path.Combine(Path.GetDirectoryName(executor.RunsFolder)!, "warm");
        foreach (string folder in Directory.Exists(top) ? Directory.EnumerateDirectories(top) : [])
        {
            foreach (string path in Directory.EnumerateDirectories(folder))
            {
                string id = Path.GetFileName(path).Split('.')[0];
                used.Add(id);
                // Between its making and its shim's first act nobody holds it.
                if (new RunFolder(path).IsHeld || executor.Time.GetUtcNow() - Directory.GetLastWriteTimeUtc(path) < LoadingTime || !TryEnd(path, out string over))
                    continue;
                // Processes that were just killed hold their groups for a moment. Where it lasts, the next look finds the slot still.
                RunGroup group = executor.Groups.Reopen(id);
                bool gone = false;
                for (int tries = 0; !gone && tries < MostTries; tries++)
                {
                    group.Kill();
                    if (!(gone = group.TryRemove()))
                        await Task.Delay(Look, executor.Time, cancellationToken);
                }

                if (!gone)
                    continue;
                await ShimProgram.RemoveAsync(executor.Kit, over, cancellationToken);
            }

            if (executor.Time.GetUtcNow() - Directory.GetLastWriteTimeUtc(folder) > TimeSpan.FromDays(1) && !Directory.EnumerateDirectories(folder).Any())
                await ShimProgram.RemoveAsync(executor.Kit, folder, cancellationToken);
        }

        return used;
    }

    /// <summary>Makes a slot over by renaming it. One that was taken since it was seen is somebody's run: it is not there any more, and stays as it is.</summary>
    private static bool TryEnd(string path, out string over)
    {
        over = path.EndsWith(Over, StringComparison.Ordinal) ? path : path + Over;
        try
        {
            if (over != path)
                Directory.Move(path, over);
            return Directory.Exists(over);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private IEnumerable<RunFolder> Slots(WarmEnvironment environment)
    {
        string folder = FolderOf(environment);
        // Those with a dot are somebody's already, or over.
        return Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder).Where(path => !Path.GetFileName(path).Contains('.', StringComparison.Ordinal)).Select(path => new RunFolder(path))
            : [];
    }

    private static long? MemoryOf(RunFolder slot) =>
        long.TryParse(GroupFile.Read(Path.Combine(slot.Path, "ready")), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long memory) ? memory : null;

    private HeldRun? TryTake(RunFolder slot, RunRequest request)
    {
        RunFolder taken = new(slot.Path + ".taken");
        try
        {
            Directory.Move(slot.Path, taken.Path);
        }
        catch (IOException)
        {
            // Another was quicker, or its time was over.
            return null;
        }

        try
        {
            return taken.IsHeld ? Begin(slot.Id, taken, request) : null;
        }
        catch (Exception refused)
        {
            // It is of no use to anybody any more.
            if (taken.IsHeld)
                Posix.Kill(taken.ShimProcess, Posix.SigTerm);
            if (refused is IOException or UnauthorizedAccessException)
                return null;
            throw;
        }
    }

    /// <summary>All of the run is there before it is one; who dies on the way leaves a slot that ends by itself.</summary>
    private HeldRun Begin(string slotId, RunFolder taken, RunRequest request)
    {
        RunGroup group = executor.Groups.Reopen(slotId);
        TimeSpan before = group.Cpu ?? default;
        taken.Prepare(request, new RunFacts(request.SourceName, request.Limits, group.Folders, group.Second, executor.Time.GetUtcNow()) { CpuBefore = before });
        group.Change(executor.Groups, request.Limits);
        string words = JsonSerializer.Serialize(BubblewrapCommand.Words(request, executor.LimitsProcessesInside));
        taken.Write("go", executor.LimitsOf(request).Add("word", words + "\n").Encode());
        int shim = taken.ShimProcess;
        RunFolder folder = new(Path.Combine(executor.RunsFolder, request.Id));
        Directory.Move(taken.Path, folder.Path);
        // It would see for itself within a second.
        Posix.Kill(shim, Posix.SigHup);
        return new HeldRun(executor.Kit, executor.Time, folder, group, shim: null);
    }

    private async Task LoadAsync(WarmEnvironment environment, RunFolder slot, CancellationToken cancellationToken)
    {
        long began = executor.Time.GetTimestamp();
        while (!File.Exists(Path.Combine(slot.Path, "ready")))
        {
            await Task.Delay(Look, executor.Time, cancellationToken);
            if (File.Exists(FailedFile(environment)))
            {
                string why = PlainText.Of(GroupFile.Read(FailedFile(environment)).Trim());
                throw new SandboxException("ESS6052", $"A warm sandbox of {environment.Name} ended before it was ready, so runs start cold: {(why.Length > 0 ? BubblewrapDiagnosis.Explain(why) : "it did not say why.")}");
            }

            TimeSpan passed = executor.Time.GetElapsedTime(began);
            // Where it is gone, and nothing failed, somebody has taken it already.
            if (passed > LoadingTime || (passed > ShimsStart && !slot.IsHeld))
                break;
        }
    }

    private string FailedFile(WarmEnvironment environment) => Path.Combine(FolderOf(environment), "failed");

    private RunFolder Start(WarmEnvironment environment)
    {
        RunFolder slot = new(Path.Combine(FolderOf(environment), Guid.NewGuid().ToString("N")));
        RunGroup group = executor.Groups.Reopen(slot.Id);
        try
        {
            slot.PrepareEmpty();
            executor.Groups.Create(slot.Id, Usual).Disfavour();
            string[] words = ["--warm", string.Join(',', environment.Modules)];
            IEnumerable<string> arguments = BubblewrapCommand.Arguments(executor.Program, executor.Options, executor.Kit, slot, Usual, words);
            ShimSpec spec = new ShimSpec().Add("wait", (long)Waits.TotalMilliseconds).Add("taker", (long)TakersTime.TotalMilliseconds)
                .Add("out-files", Usual.OutputFiles).Add("out-limit", Usual.Output);
            // Limits only go down, so those that depend on the run come with it; until then nothing but our own code is in there.
            slot.Write("spec", executor.AddProgram(BubblewrapExecutor.AddFixedLimits(spec), group, arguments).Encode());
            ShimProgram.Start(executor.Kit, slot.Path).Dispose();
            return slot;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or Win32Exception)
        {
            group.TryRemove();
            throw new SandboxException("ESS6052", $"A warm sandbox of {environment.Name} cannot be prepared: {error.Message} Runs start cold.", error);
        }
    }

    private async Task<FileStream?> EnterAsync(CancellationToken cancellationToken)
    {
        long began = executor.Time.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(Top, "fill.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                if (executor.Time.GetElapsedTime(began) > LoadingTime)
                    return null;
            }

            await Task.Delay(Look * 5, executor.Time, cancellationToken);
        }
    }

    private string Fingerprint(WarmEnvironment environment)
    {
        string python = File.ResolveLinkTarget(executor.Options.Python, returnFinalTarget: true)?.FullName ?? executor.Options.Python;
        string version = Path.GetFileName(python);
        string[] packages = ["/usr/lib/python3/dist-packages", $"/usr/lib/{version}", $"/usr/local/lib/{version}/dist-packages"];
        IEnumerable<string> facts =
        [
            executor.Kit.Folder,
            string.Join(',', environment.Modules),
            .. new[] { python, executor.Program }.Concat(packages).Concat(environment.Modules.Select(module => Path.Combine(packages[0], module.Split('.')[0]))).Select(Stamp),
            string.Join(',', executor.Groups.Parents.Select(parent => $"{parent.Key}={parent.Value}")),
            Environment.UserName,
        ];
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', facts))))[..16];
    }

    private static string Stamp(string path) => $"{path} {File.GetLastWriteTimeUtc(path).Ticks}";
}
