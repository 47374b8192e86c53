using System.CommandLine;

namespace Essaim;

/// <summary>A verb: its options, examples and what it does. Errors become one sentence on stderr and an exit code.</summary>
#pragma warning disable CA1010 // That a command is enumerable serves collection initialisers only.
public abstract class AppCommand : Command
#pragma warning restore CA1010
{
    private readonly Option<string?>? _broker;
    private readonly Option<OutputFormat>? _format;

    /// <summary>Makes the verb.</summary>
    /// <param name="name">Name.</param>
    /// <param name="description">One sentence.</param>
    /// <param name="usesBroker">Has the option <c>--broker</c>.</param>
    /// <param name="hasFormat">Has the option <c>--format</c>.</param>
    protected AppCommand(string name, string description, bool usesBroker = true, bool hasFormat = true)
        : base(name, description)
    {
        if (usesBroker)
        {
            Add(_broker = new Option<string?>("--broker")
            {
                HelpName = "URL",
                Description = "Broker: sqlite:FILE, redis://HOST:6379/0, … [default: ESSAIM_BROKER, else what the program sets, else sqlite:.essaim/essaim.db]",
            });
        }

        if (hasFormat)
            Add(_format = new Option<OutputFormat>("--format") { HelpName = "table|json", Description = "How data is written [default: table]" });
    }

    /// <summary>Command lines for the help, without the program's name.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

    /// <summary>Does it.</summary>
    /// <param name="context">Command line, broker, output.</param>
    /// <param name="cancellationToken">Cancelled by the first Ctrl-C or SIGTERM.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    protected abstract Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken);

    internal void Bind(AppDefinition definition) => SetAction((parsed, cancellationToken) => InvokeAsync(definition, parsed, cancellationToken));

    private async Task<int> InvokeAsync(AppDefinition definition, ParseResult parsed, CancellationToken cancellationToken)
    {
        using Interruption interruption = new(cancellationToken);
        string? broker = _broker is null ? null : parsed.GetValue(_broker);
        bool json = _format is not null && parsed.GetValue(_format) == OutputFormat.Json;
        await using CommandContext context = new(definition, parsed, definition.ChooseBroker(broker), json, interruption);
        try
        {
            return await RunAsync(context, interruption.First);
        }
        catch (Exception error)
        {
            return ErrorReport.Write(definition.Name, error, interruption.First.IsCancellationRequested);
        }
    }
}
