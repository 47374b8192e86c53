using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary><c>rate_limit</c> and <c>time_limit</c>: limits of one task, on this worker, until it stops.</summary>
internal sealed class LimitCommands(ControlledWorker worker)
{
    public void AddTo(ControlCommands commands)
    {
        commands.Add(LimitRate, "rate_limit");
        commands.Add(LimitTime, "time_limit");
    }

    private RawJson? LimitRate(ControlArguments arguments)
    {
        string task = arguments.RequireText("task_name");
        JsonElement? given = arguments.Get("rate_limit");
        string limit = given?.ToString() ?? "";
        if (!RateLimit.TryParse(limit, out double perSecond, out PythonFault? fault))
        {
            bool wrongNumber = fault.Message.StartsWith("ValueError", StringComparison.Ordinal);
            return ControlCommands.Error(wrongNumber ? $"Invalid rate limit string: {fault.Message}" : fault.Message);
        }

        if (!worker.Registry.TryGet(task, out _))
            return ControlCommands.Error("unknown task");
        bool off = limit.Length == 0 || (given is { ValueKind: JsonValueKind.Number } && perSecond == 0);
        worker.Limits.SetRate(task, off ? null : limit);
        worker.Scheduler.SetRate(task, perSecond);
        return ControlCommands.Ok(off ? "rate limit disabled successfully" : "new rate limit set successfully");
    }

    private RawJson? LimitTime(ControlArguments arguments)
    {
        if (arguments.GetText("task_name") is not { } task || !worker.Registry.TryGet(task, out _))
            return ControlCommands.Error("unknown task");
        worker.Limits.SetTimes(task, arguments.GetSeconds("soft"), arguments.GetSeconds("hard"));
        return ControlCommands.Ok("time limits set successfully");
    }
}
