using Essaim.Protocol;

namespace Essaim;

/// <summary>How many slots there are: <c>pool_grow</c>, <c>pool_shrink</c>, <c>autoscale</c>; and <c>pool_restart</c>, which is off as in Celery by default.</summary>
internal sealed class PoolCommands(ControlledWorker worker)
{
    public void AddTo(ControlCommands commands)
    {
        commands.Add(arguments => Grow("pool_grow", "pool will grow", arguments.GetCount("n") ?? 1), "pool_grow");
        commands.Add(arguments => Grow("pool_shrink", "pool will shrink", -(arguments.GetCount("n") ?? 1)), "pool_shrink");
        commands.Add(Autoscale, "autoscale");
        commands.Add(_ => throw PythonFault.Of("ValueError", "Pool restarts not enabled"), "pool_restart");
    }

    private RawJson Grow(string command, string done, int more)
    {
        if (worker.Scaler.Autoscales)
            return ControlCommands.Error($"{command} is not supported with autoscale. Adjust autoscale range instead.");
        worker.Scaler.Grow(more);
        return ControlCommands.Ok(done);
    }

    private RawJson? Autoscale(ControlArguments arguments)
    {
        if (!worker.Scaler.Autoscales)
            throw PythonFault.Of("ValueError", "Autoscale not enabled");
        (int min, int max) = worker.Scaler.SetRange(arguments.GetCount("min"), arguments.GetCount("max"));
        return ControlCommands.Ok($"autoscale now max={max} min={min}");
    }
}
