using Essaim.Protocol;

namespace Essaim;

/// <summary>Puts tasks together; send the outcome with <see cref="TaskClient.ApplyAsync"/>. Everything nests.</summary>
public static class Canvas
{
    /// <summary>
    /// Steps one after the other; each gets the result of the one before as its first argument unless immutable. As in Celery, a group
    /// followed by a step becomes a chord, and a group of one is replaced by its member (whose result is then not in a list: use
    /// <see cref="Chord"/> where the next step always expects a list).
    /// </summary>
    /// <exception cref="CanvasException"><c>ESS1205</c>: no steps.</exception>
    public static Signature Chain(params IReadOnlyList<Signature> steps) => steps.Count > 0
        ? Signature.ChainOf(steps)
        : throw new CanvasException("A chain without steps cannot run. Give it at least one.");

    /// <summary>Members side by side. Empty is allowed: its result is an empty list.</summary>
    public static Signature Group(params IReadOnlyList<Signature> members) => Signature.GroupOf(members);

    /// <summary>A group, and a body that runs with the list of its results (always a list, also of one or none).</summary>
    public static Signature Chord(IReadOnlyList<Signature> header, Signature body) => Signature.ChordOf(header, body);
}
