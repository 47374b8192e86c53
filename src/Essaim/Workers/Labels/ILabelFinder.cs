namespace Essaim;

/// <summary>Finds out beside the worker's start what its node can do, which may take a while; each finding is a label the node has from then on.</summary>
internal interface ILabelFinder
{
    /// <summary>Looks once.</summary>
    /// <param name="add">Takes a label. Safe on all threads.</param>
    /// <param name="stop">The worker stops.</param>
    Task FindAsync(Action<string> add, CancellationToken stop);
}
