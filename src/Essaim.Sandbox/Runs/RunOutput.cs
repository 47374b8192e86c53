namespace Essaim.Sandbox;

/// <summary>Something a run said while it ran.</summary>
internal abstract record RunOutput;

/// <summary>What it wrote to stdout or stderr.</summary>
/// <param name="IsError">stderr.</param>
/// <param name="Bytes">As written; may begin or end within a character.</param>
/// <param name="At">Since its start.</param>
/// <param name="Offset">Where the next part begins: what to ask for to go on from here.</param>
internal sealed record RunText(bool IsError, ReadOnlyMemory<byte> Bytes, TimeSpan At, long Offset) : RunOutput;

/// <summary>Part of the log was not kept; what follows is its end.</summary>
/// <param name="Bytes">How much is missing.</param>
internal sealed record RunGap(long Bytes) : RunOutput;

/// <summary>How far it is.</summary>
/// <param name="Fraction">0 to 1.</param>
/// <param name="Text">In words.</param>
internal sealed record RunProgress(double Fraction, string Text) : RunOutput;

/// <summary>A line of <c>essaim.log</c>.</summary>
internal sealed record RunLogLine(string Level, string Text) : RunOutput;

/// <summary>What was found before it ran and does not keep it from running.</summary>
internal sealed record RunAdvice(IReadOnlyList<Finding> Findings) : RunOutput;
