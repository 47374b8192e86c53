using Essaim.Protocol;

namespace Essaim;

/// <summary>Celery's remote control: requests to workers, and their replies. Safe on all threads.</summary>
public interface IControlBus
{
    /// <summary>Sends a request to every node, or to those named, without waiting.</summary>
    ValueTask CastAsync(ControlRequest request, CancellationToken cancellationToken);

    /// <summary>Sends a request and gathers replies until <paramref name="timeout"/>, or until every named node has answered.</summary>
    ValueTask<IReadOnlyList<ControlReply>> CallAsync(ControlRequest request, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Answers requests as node <paramref name="node"/> until cancelled. A null answer sends no reply.</summary>
    Task ServeAsync(string node, Func<ControlRequest, CancellationToken, ValueTask<RawJson?>> handler, CancellationToken cancellationToken);
}

/// <summary>A request to workers.</summary>
/// <param name="Method">Celery's name: <c>ping</c>, <c>stats</c>, <c>active</c>, <c>revoke</c>, <c>shutdown</c>…</param>
/// <param name="Arguments">A JSON object.</param>
/// <param name="Destination">Node names; null: every node.</param>
/// <param name="Clock">The sender's logical clock, where the transport carries one.</param>
public sealed record ControlRequest(string Method, RawJson Arguments, IReadOnlyList<string>? Destination = null, long? Clock = null);

/// <summary>A node's answer.</summary>
/// <param name="Node">Who.</param>
/// <param name="Value">What: <c>{"ok": …}</c>, <c>{"error": …}</c>, or the value asked for.</param>
/// <param name="Clock">The node's logical clock, where the transport carries one.</param>
public sealed record ControlReply(string Node, RawJson Value, long? Clock = null);
