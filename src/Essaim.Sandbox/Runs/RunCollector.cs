using System.Globalization;
using System.Text.Json;

namespace Essaim.Sandbox;

/// <summary>
/// Says how a run ended, from what the shim and the kernel wrote, and collects what it left. All of its processes are gone by then. What the
/// program itself says is believed where it harms only itself.
/// </summary>
internal sealed class RunCollector(Kit kit, RunFolder folder, RunGroup group)
{
    // The exit code of boot.py for a file that was not run; a program that ends so itself has said that it started.
    private const int RefusedCode = 96;
    private const int LookedCode = 97;
    private const int MostResult = 1 << 20;
    private const int DeepestResult = 64;

    public async Task<RunEnd> CollectAsync(CancellationToken cancellationToken)
    {
        RunFacts facts = folder.ReadFacts();
        if (ShimExit.TryRead(folder.Exit) is not { } exit)
        {
            group.Kill();
            return new RunEnd(EndReason.Lost, "The process that held the run is gone, and the run with it. Run it again.", new RunUsage(default, default, 0, 0, 0, 0));
        }

        RunWords words = RunWords.Read(folder.Events);
        if (!words.Greeted)
            words = words with { LastErrorLine = LastErrorLine() };
        RunEnd end = Judge(exit, facts, words, UsageOf(exit, facts));
        if (end.Reason == EndReason.Sandbox || end.Refused.Count > 0)
            return end;
        Directory.CreateDirectory(folder.Collected);
        (IReadOnlyList<Artifact> files, IReadOnlyList<SkippedEntry> skipped) =
            await ShimProgram.CollectAsync(kit, folder.Out, folder.Collected, exit.Uid, facts.Limits, cancellationToken);
        end = end with
        {
            Artifacts = [.. files.Select(file => file with { Title = words.Titles.GetValueOrDefault(file.Path) })],
            Skipped = skipped,
            CollectedFolder = folder.Collected,
        };
        return ReadResult(end);
    }

    private RunEnd Judge(ShimExit exit, RunFacts facts, RunWords words, RunUsage usage)
    {
        RunLimits limits = facts.Limits;
        RunEnd End(EndReason reason, string message) => new(reason, message, usage) { ExitCode = CodeOf(exit), Error = words.Error };
        bool started = words.Started || exit.EventsWrapped > 0;
        bool said = words.Greeted || started;
        switch (exit.Cause)
        {
            case "start":
                return End(EndReason.Sandbox, $"The sandbox could not be made: {exit.Fault}.");
            case "cancel":
                return End(EndReason.Cancelled, "The run was cancelled.");
            case "stop":
                return End(EndReason.Lost, "The run was ended because its machine stops. Run it again.");
            case "unwanted":
                return End(EndReason.Lost, "The run was ended because nobody came back for it. Run it again.");
            case "timeout":
                return End(EndReason.Timeout, $"The run was ended after its time limit of {DurationText.Show(limits.Time)}. Give it more (--time-limit), or have it do less.");
            case "disk":
                return End(EndReason.Disk, $"The run left more in its output folder than its limit of {Size(limits.Output)}. Give it more (--output-limit), or write less.");
            case "files":
                return End(EndReason.Disk, $"The run left more than {limits.OutputFiles} files, or folders too deep or closed, in its output folder. Give it more (--output-files), or write fewer.");
            case "output":
                return End(EndReason.Output, $"The run wrote more than 16 times its log limit of {Size(limits.Log)}. Have it print less, or give it more (--log-limit).");
        }

        long peak = Math.Max(group.PeakOfLimit, exit.Peak);
        if (group.OutOfMemory + exit.Oom > 0 && exit.Code != 0 && peak > 0 && peak < limits.Memory - (limits.Memory / 8))
            return End(EndReason.Sandbox, $"The machine, or the part of it that is ours, had no memory left, and its kernel ended the run at {Size(peak >> 20 << 20)} of its limit of {Size(limits.Memory)}. Have it run less at once, or give it more memory.");
        if ((group.OutOfMemory + exit.Oom > 0 && exit.Code != 0) || exit.Cause == "memory" || (exit.Cause == "gone" && folder.RanOutOfMemory))
            return End(EndReason.Oom, $"The run needed more memory than its limit of {Size(limits.Memory)}. Give it more (--memory), or have it use less.");
        // A large write that does not fit leaves what it would have taken.
        bool full = exit.DiskLeft is >= 0 and < 64 << 10 || (exit.DiskLeft is >= 0 and < 2 << 20 && words.Error?.Message.Contains("[Errno 28]", StringComparison.Ordinal) == true);
        if (full && exit.Cause == "exit" && exit.Code != 0)
            return End(EndReason.Disk, $"The run filled its output folder to its limit of {Size(limits.Output)} or {limits.OutputFiles} files. Give it more (--output-limit, --output-files), or write less.");
        if (exit.Cause == "gone")
            return End(EndReason.Lost, "Something else ended the container of the run. Run it again.");
        if (!said)
            return End(EndReason.Sandbox, $"The sandbox could not be made: {words.LastErrorLine ?? $"it ended with code {exit.Code}"}.");
        if (!started && exit.Code == RefusedCode)
            return End(EndReason.Error, string.Join("; ", words.Refused.Select(finding => finding.ToSentence(facts.FileName)))) with { Refused = words.Refused };
        if (!started && exit.Code == LookedCode)
            return End(EndReason.Ok, "The file can be run.") with { Result = words.Schema, Imports = words.Imports };
        if (exit.Code == 0)
            return End(EndReason.Ok, "The run ended well.");
        return End(EndReason.Error, words.Error is { } error ? Sentence(error, facts.FileName) : CodeSentence(exit));
    }

    private static string Sentence(RunError error, string file)
    {
        string what = error.Message.Length == 0 ? error.Type : $"{error.Type}: {error.Message}";
        return error.Line is { } line ? $"{file}:{line.ToString(CultureInfo.InvariantCulture)}: {what}" : what;
    }

    private static string CodeSentence(ShimExit exit) => exit.Code > 128
        ? $"The run was ended by signal {exit.Code - 128}{(exit.Code - 128) switch { 11 => " (it crashed: SIGSEGV)", 6 => " (it aborted: SIGABRT)", 31 => " (SIGSYS)", 25 => " (it wrote a file larger than its output limit: SIGXFSZ)", 9 => " (SIGKILL)", _ => "" }}."
        : $"The run ended with exit code {exit.Code}.";

    private static int? CodeOf(ShimExit exit) => exit.Code >= 0 ? exit.Code : null;

    private static string Size(long bytes) => bytes % (1 << 20) == 0 ? $"{bytes >> 20} MiB" : bytes % 1024 == 0 ? $"{bytes >> 10} KiB" : $"{bytes} bytes";

    private RunEnd ReadResult(RunEnd end)
    {
        string file = Path.Combine(folder.Collected, "result.json");
        if (!File.Exists(file))
            return end;
        string? fault = null;
        if (new FileInfo(file).Length > MostResult)
            fault = $"result.json has more than {MostResult} bytes; leave large data in other files.";
        else
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { MaxDepth = DeepestResult });
                return end with { Result = document.RootElement.Clone() };
            }
            catch (JsonException error)
            {
                fault = $"result.json is not JSON at most {DeepestResult} levels deep: {error.Message}";
            }
        }

        return end.Reason == EndReason.Ok ? end with { Reason = EndReason.Error, Message = fault } : end;
    }

    private RunUsage UsageOf(ShimExit exit, RunFacts facts) => new(
        TimeSpan.FromMilliseconds(exit.WallMs),
        group.Cpu - facts.CpuBefore ?? (exit.CpuUs > 0 ? TimeSpan.FromMicroseconds(exit.CpuUs) : TimeSpan.FromMilliseconds(exit.UserMs + exit.SystemMs)),
        Math.Max(group.PeakMemory, exit.Peak) is > 0 and var peak ? peak
            // A container that is gone told nothing; the rest is podman's.
            : exit.Cause == "gone" ? (folder.RanOutOfMemory ? facts.Limits.Memory : 0) : exit.MaxRssKb * 1024,
        exit.LogBytes,
        exit.OutBytes,
        group.ProcessesRefused + exit.Refused);

    private string? LastErrorLine()
    {
        string text = string.Concat(new LogReader(folder.Log, 0).Read().OfType<RunText>().Where(part => part.IsError).Select(part => System.Text.Encoding.UTF8.GetString(part.Bytes.Span)));
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() is { } line ? PlainText.Of(line).TrimEnd('.') : null;
    }
}
