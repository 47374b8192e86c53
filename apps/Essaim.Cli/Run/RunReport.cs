using System.Globalization;
using System.Text;
using System.Text.Json;
using Essaim.Protocol;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary>How a run ended: its result on stdout, a sentence on stderr, an exit code.</summary>
internal sealed class RunReport(CommandContext context, string file)
{
    public int Write(RunEnd end, int kept, string? folder)
    {
        if (context.Output.IsJson)
            WriteJson(end);
        else if (end.Result is { } result && end.Reason == EndReason.Ok)
            WriteResult(result);
        (string code, int exit) = CodesOf(end);
        if (end.Refused.Count > 0)
            WriteRefusal(end);
        else if (exit != ExitCodes.Ok)
            Say($"{code}: {PlainText.Of(end.Message)}");
        WriteFiles(end, kept, folder);
        if (context.Output.IsWatched)
            Say(UsageOf(end));
        return exit;
    }

    /// <summary>The code and exit code of an end: the user's fault, a limit, or ours.</summary>
    internal static (string Code, int Exit) CodesOf(RunEnd end)
    {
        string code = end.Reason switch
        {
            EndReason.Ok => "",
            EndReason.Error => end.Refused.Count > 0 ? "ESS6010" : "ESS6011",
            EndReason.Timeout => "ESS6012",
            EndReason.Oom => "ESS6013",
            EndReason.Disk => "ESS6014",
            EndReason.Output => "ESS6015",
            EndReason.Cancelled => "ESS6016",
            EndReason.Lost => "ESS6017",
            _ => "ESS6018",
        };
        return (code, ExitOf(code));
    }

    /// <summary>The exit code for an error code.</summary>
    internal static int ExitOf(string code) => code switch
    {
        "" => ExitCodes.Ok,
        "ESS6010" or "ESS6011" or "ESS6025" or "ESS6026" or "ESS6028" => ExitCodes.Failed,
        "ESS6012" or "ESS6013" or "ESS6014" or "ESS6015" => ExitCodes.Limit,
        "ESS6022" => ExitCodes.NotFound,
        "ESS6016" => ExitCodes.Interrupted,
        "ESS6017" or "ESS6018" => ExitCodes.Internal,
        _ => ExitCodes.Unusable,
    };

    private void WriteResult(JsonElement result)
    {
        // A text as it stands, but for a terminal: there it could steer it.
        if (result.ValueKind == JsonValueKind.String && !Console.IsOutputRedirected)
            context.Output.Data(PlainText.Of(result.GetString()!));
        else
            context.Output.Value(new RawJson(Encoding.UTF8.GetBytes(result.GetRawText())));
    }

    private void WriteRefusal(RunEnd end)
    {
        Say($"ESS6010: {file} was not run:");
        foreach (Finding finding in end.Refused)
        {
            context.Output.Say($"  {finding.ToSentence(file)}");
            if (finding.Text is { } text)
                context.Output.Say($"    {text}\n    {new string(' ', Math.Clamp((finding.Column ?? 1) - 1, 0, text.Length))}^");
        }
    }

    private void WriteFiles(RunEnd end, int kept, string? folder)
    {
        if (kept > 0)
            Say($"{kept} {(kept == 1 ? "file" : "files")} in {folder}");
        else if (folder is null && end.Artifacts.Count(artifact => artifact.Path != "result.json") is > 0 and var lost)
            Say($"it left {lost} {(lost == 1 ? "file" : "files")} in its output folder; --out DIR keeps them");
        foreach (SkippedEntry entry in end.Skipped)
            Say($"not collected: {PlainText.Of(entry.Path)}: {entry.Reason}");
    }

    private void WriteJson(RunEnd end) => context.Output.Json(new
    {
        reason = end.Reason.ToString().ToLowerInvariant(),
        message = end.Message,
        exit_code = end.ExitCode,
        result = end.Result,
        error = end.Error,
        refused = end.Refused,
        artifacts = end.Artifacts,
        skipped = end.Skipped,
        usage = new
        {
            wall_seconds = end.Usage.Wall.TotalSeconds,
            cpu_seconds = end.Usage.Cpu.TotalSeconds,
            peak_memory = end.Usage.PeakMemory,
            log_bytes = end.Usage.LogBytes,
            output_bytes = end.Usage.OutputBytes,
            processes_refused = end.Usage.ProcessesRefused,
        },
    });

    private static string UsageOf(RunEnd end)
    {
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{end.Reason.ToString().ToLowerInvariant()} in {end.Usage.Wall.TotalSeconds:0.##} s, {end.Usage.Cpu.TotalSeconds:0.##} s of processor, {end.Usage.PeakMemory / 1048576.0:0.#} MiB at most");
        return end.Usage.ProcessesRefused > 0 ? $"{text}; it was refused more processes than --pids {end.Usage.ProcessesRefused} times" : text;
    }

    private void Say(string text) => context.Output.Say($"{context.Definition.Name}: {text}");
}
