using System.Text.Json;

namespace Essaim.Cli;

/// <summary>How a function ended, as it is recorded until the task has: a delivery after a worker's death takes it over instead of running it again.</summary>
/// <param name="Result">What <c>main</c> returned.</param>
/// <param name="Code">Of the fault; null where it ended well.</param>
/// <param name="Message">Of the fault.</param>
internal sealed record FunctionVerdict(JsonElement? Result, string? Code = null, string? Message = null)
{
    /// <summary>What the task's handler gives.</summary>
    /// <exception cref="FunctionFailedException">It did not end well.</exception>
    public JsonElement? Take() => Code is null ? Result : throw new FunctionFailedException(Code, Message!);
}
