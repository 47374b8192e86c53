using Essaim.Sandbox;
using Microsoft.Extensions.Logging;

namespace Essaim.Cli;

/// <summary>
/// Has the environments of this machine prove themselves beside the worker's start. Each that holds becomes a label, so that functions come only to
/// machines that can run them; of each that does not the log says in a sentence what is missing.
/// </summary>
internal sealed partial class EnvironmentOffers(SandboxEnvironments environments, ILoggerFactory logging) : ILabelFinder
{
    private readonly ILogger _logger = logging.CreateLogger("Essaim.Sandbox");

    /// <inheritdoc />
    public async Task FindAsync(Action<NodeFinding> add, CancellationToken stop)
    {
        // One after the other: a start has better things to do, and containers are large.
        foreach (SandboxEnvironment environment in environments.All)
        {
            ExecutorProof proof = await environments.ProveAsync(environment.Name, stop);
            NodeEnvironment node = Describe(environment, proof);
            add(new NodeFinding(proof.Holds ? environment.Label : null, node));
            if (node.Missing is { } missing)
            {
                LogMissing(_logger, environment.Name, missing);
                continue;
            }

            if (environment.Kind == ExecutorKind.Process)
                LogUnprotected(_logger, environment.Name, ProcessExecutor.Warning);
            else if (node.Soft.Count > 0)
                LogSoft(_logger, environment.Name, proof.Executor, string.Join(", ", node.Soft), proof.Advice ?? "");
            else
                LogOffered(_logger, environment.Name, proof.Executor);
        }
    }

    /// <summary>An environment as it was tried here.</summary>
    public static NodeEnvironment Describe(SandboxEnvironment environment, ExecutorProof proof) => new(environment.Name, proof.Executor)
    {
        Missing = proof.Holds ? null : string.Join(' ', proof.Missing),
        Soft = proof.Holds ? [.. proof.Soft.Where(limit => limit is not ("walls" or "output"))] : [],
        Advice = proof.Holds ? environment.Kind == ExecutorKind.Process ? ProcessExecutor.Warning : proof.Advice : null,
    };

    /// <summary>What a call of the task requires of the node: its environment.</summary>
    public static IReadOnlyList<string> Required(System.Text.Json.JsonElement keywords) =>
        !keywords.TryGetProperty("environment", out System.Text.Json.JsonElement named) || named.ValueKind == System.Text.Json.JsonValueKind.Null
            // Of a function by name only the catalog knows it: whoever has it looks.
            ? keywords.TryGetProperty("function", out System.Text.Json.JsonElement function) && function.ValueKind == System.Text.Json.JsonValueKind.String ? [] : [SandboxEnvironment.LabelOf(SandboxEnvironment.Usual)]
        : named.ValueKind == System.Text.Json.JsonValueKind.String && SandboxEnvironment.IsName(named.GetString()!) ? [SandboxEnvironment.LabelOf(named.GetString()!)]
        // No name at all: whoever has it refuses it.
        : [];

    [LoggerMessage(7021, LogLevel.Information, "Functions run here in '{Environment}' ({Executor}); its walls and limits were tried and hold.")]
    private static partial void LogOffered(ILogger logger, string environment, string executor);

    [LoggerMessage(7022, LogLevel.Information, "Functions run here in '{Environment}' ({Executor}); soft, that is not held by the kernel: {Soft}. {Advice}")]
    private static partial void LogSoft(ILogger logger, string environment, string executor, string soft, string advice);

    [LoggerMessage(7023, LogLevel.Information, "Functions do not run here in '{Environment}': {Missing}")]
    private static partial void LogMissing(ILogger logger, string environment, string missing);

    [LoggerMessage(7024, LogLevel.Warning, "Functions run here in '{Environment}' as plain processes. {Warning}")]
    private static partial void LogUnprotected(ILogger logger, string environment, string warning);
}
