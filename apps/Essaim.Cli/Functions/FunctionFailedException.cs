namespace Essaim.Cli;

/// <summary>A function did not end well. The message begins with the code of <c>docs/errors.md</c>, which says whose fault it was.</summary>
/// <param name="code">Such as <c>ESS6011</c>.</param>
/// <param name="message">A sentence.</param>
[TaskErrorName("essaim.FunctionError")]
internal sealed class FunctionFailedException(string code, string message) : Exception($"{code}: {message}");
