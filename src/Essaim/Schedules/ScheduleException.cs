namespace Essaim;

/// <summary>A schedule cannot be understood: its cron text, interval, time zone, task or stored definition.</summary>
public sealed class ScheduleException(string code, string message, Exception? inner = null) : EssaimException(code, message, inner);
