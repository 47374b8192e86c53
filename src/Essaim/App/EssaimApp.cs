using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Essaim;

/// <summary>
/// A program with tasks and the verbs to run, send and watch them: <c>worker</c>, <c>send</c>, <c>call</c>, <c>result</c>, <c>queues</c>,
/// <c>purge</c>, <c>dead-letters</c>, <c>schedule</c>, <c>inspect</c>, <c>control</c>, <c>config</c>, <c>placement</c>, <c>events</c>, <c>observe</c>, <c>doctor</c>,
/// <c>version</c>, <c>completion</c>, and what the program adds.
/// </summary>
public sealed class EssaimApp
{
    private readonly AppDefinition _definition;

    internal EssaimApp(AppDefinition definition) => _definition = definition;

    /// <summary>Begins a program.</summary>
    /// <param name="args">The command line, as <c>Main</c> got it.</param>
    public static EssaimAppBuilder CreateBuilder(string[] args) => new(args);

    /// <summary>Runs the verb on the command line.</summary>
    /// <param name="cancellationToken">Stops it as Ctrl-C does.</param>
    /// <returns>One of <see cref="ExitCodes"/>, or what a command of the program's own returned.</returns>
    public Task<int> RunAsync(CancellationToken cancellationToken = default) =>
        // Apart from the rest, so that a child does not even load the command line parser.
        _definition.Args is [ChildLaunch.Verb, ..] ? ChildVerb.RunAsync(_definition, cancellationToken) : RunVerbAsync(cancellationToken);

    private async Task<int> RunVerbAsync(CancellationToken cancellationToken)
    {
        RootCommand root = Verbs.CreateRoot(_definition);
        ParseResult parsed = root.Parse(_definition.Args);
        if (parsed.Action is ParseErrorAction)
            return Refuse(parsed);
        InvocationConfiguration invocation = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return await parsed.InvokeAsync(invocation, cancellationToken);
    }

    private int Refuse(ParseResult parsed)
    {
        if (parsed.Tokens.Count == 0 && parsed.RootCommandResult.Command.Options.OfType<HelpOption>().FirstOrDefault()?.Action is HelpWithExamples help)
        {
            help.Invoke(parsed);
            return ExitCodes.Unusable;
        }

        string verb = string.Join(' ', [_definition.Name, .. CommandPath.Of(parsed.CommandResult)]);
        string problem = parsed.UnmatchedTokens is [{ } unknown, ..] ? $"'{unknown}' is not known here." : parsed.Errors[0].Message;
        Console.Error.WriteLine($"{_definition.Name}: ESS4001: {problem} Run '{verb} --help' to see how it is used.");
        return ExitCodes.Unusable;
    }
}
