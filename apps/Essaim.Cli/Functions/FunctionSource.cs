using System.Text;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary>What a task runs: a source it brings, or a function by name that the catalog knows.</summary>
/// <param name="FileName">The file's name in tracebacks.</param>
/// <param name="Bytes">Its source.</param>
/// <param name="Limits">What it may use.</param>
/// <param name="Environment">Where it runs.</param>
internal sealed record FunctionSource(string FileName, ReadOnlyMemory<byte> Bytes, RunLimits Limits, string Environment)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    /// <summary>Takes the source of the message, or finds the function.</summary>
    /// <param name="source">The message's source; null where it names a function.</param>
    /// <param name="function"><c>name</c> or <c>name@version</c>; null where it brings a source.</param>
    /// <param name="name">File name of the source.</param>
    /// <param name="encoding">Of the source.</param>
    /// <param name="environment">The message's environment; null: that of the function, or the usual one.</param>
    /// <param name="limits">The message's limits.</param>
    /// <param name="context">The task.</param>
    /// <param name="cancellationToken">The task's.</param>
    /// <exception cref="FunctionFailedException">It is not there, or wrongly called for.</exception>
    /// <exception cref="TaskRetryException">The broker has lost it: the core is going to put it there again.</exception>
    public static async Task<FunctionSource> ReadAsync(
        string? source, string? function, string name, string encoding, string? environment, FunctionLimits? limits, TaskContext context, CancellationToken cancellationToken)
    {
        if (source is null == function is null)
            throw new FunctionFailedException("ESS6003", "A call has either a source, or the name of a function (function=\"name\" or \"name@version\").");
        if (source is not null)
        {
            return new FunctionSource(name, Decode(source, encoding), (limits ?? new FunctionLimits()).On(FunctionPlan.FromEnvironment().Usual), environment ?? SandboxEnvironment.Usual);
        }

        IBackend backend = await context.Client.GetBackendAsync(cancellationToken);
        try
        {
            return await FindAsync(FunctionReference.Parse(function!), environment, limits, backend, cancellationToken);
        }
        catch (FunctionException wrong)
        {
            throw new FunctionFailedException(wrong.Code, wrong.Message);
        }
    }

    private static async Task<FunctionSource> FindAsync(
        FunctionReference reference, string? environment, FunctionLimits? limits, IBackend backend, CancellationToken cancellationToken)
    {
        if (await backend.Functions.FindAsync(reference.Name, reference.Version, cancellationToken) is not { } entry)
        {
            FunctionException unknown = reference.NotFound();
            // A catalog without any function is one that was lost, more likely than one nobody used.
            throw (await backend.Functions.GetStampsAsync(cancellationToken)).Count > 0 ? unknown : Later(unknown.Code, $"{unknown.Message} The broker knows no functions at all; a core that runs puts them there.");
        }

        FunctionDocument document = FunctionDocument.Decode(entry);
        RunLimits most = document.Limits.ToLimits();
        string[] over = [.. (limits?.Over(most) ?? []).Select(one => $"{one.Name} is at most {one.Most}")];
        if (over.Length > 0)
            throw new FunctionFailedException("ESS6028", $"The call wants more than {reference.Name}@{Short(entry.Version)} has: {string.Join("; ", over)}. Push a version with more.");
        if (environment is not null && environment != document.Environment)
            throw new FunctionFailedException("ESS6028", $"The call wants the environment '{environment}', and {reference.Name}@{Short(entry.Version)} is of '{document.Environment}'. Leave it out, or push a version for it.");
        ReadOnlyMemory<byte> bytes = await backend.Blobs.GetAsync(document.Source, cancellationToken)
            ?? throw Later("ESS6029", $"The source of {reference.Name}@{Short(entry.Version)} is not in the broker. A core that runs puts it there.");
        return new FunctionSource(document.Entry, bytes, (limits ?? new FunctionLimits()).On(most), document.Environment);
    }

    private static TaskRetryException Later(string code, string message) => new(RetryDelay, new FunctionFailedException(code, message));

    private static string Short(string version) => version[..Math.Min(version.Length, 12)];

    private static byte[] Decode(string source, string encoding)
    {
        try
        {
            return encoding switch
            {
                "text" => Encoding.UTF8.GetBytes(source),
                "base64" => Convert.FromBase64String(source),
                _ => throw new FunctionFailedException("ESS6003", $"The encoding '{encoding}' is not known. It is text or base64."),
            };
        }
        catch (FormatException)
        {
            throw new FunctionFailedException("ESS6003", "The source is not base64, as its encoding says.");
        }
    }
}
