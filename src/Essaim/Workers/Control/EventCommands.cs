using Essaim.Protocol;

namespace Essaim;

/// <summary><c>enable_events</c>, <c>disable_events</c>, <c>heartbeat</c>.</summary>
internal sealed class EventCommands(ControlledWorker worker)
{
    public void AddTo(ControlCommands commands)
    {
        commands.Add(_ => Switch(on: true), "enable_events");
        commands.Add(_ => Switch(on: false), "disable_events");
        commands.Add(_ => Announce(), "heartbeat");
    }

    private RawJson Switch(bool on)
    {
        bool already = worker.Events.IsOn == on;
        worker.Events.IsOn = on;
        return ControlCommands.Ok($"task events {(already ? "already " : "")}{(on ? "enabled" : "disabled")}");
    }

    private RawJson Announce()
    {
        worker.Sender.Post(worker.Writer.Heartbeat(worker.Options.Heartbeat));
        return RawJson.Null;
    }
}
