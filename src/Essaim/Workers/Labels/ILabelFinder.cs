namespace Essaim;

/// <summary>Finds out beside the worker's start what its node can do, which may take a while; the node has each finding from then on.</summary>
internal interface ILabelFinder
{
    /// <summary>Looks once.</summary>
    /// <param name="add">Takes a finding. Safe on all threads.</param>
    /// <param name="stop">The worker stops.</param>
    Task FindAsync(Action<NodeFinding> add, CancellationToken stop);
}
