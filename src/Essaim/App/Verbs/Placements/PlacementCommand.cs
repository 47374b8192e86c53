using System.CommandLine;

namespace Essaim;

/// <summary><c>placement</c>: which nodes serve which queues.</summary>
internal sealed class PlacementCommand : Command
{
    public PlacementCommand()
        : base("placement", "Shows and switches which nodes serve which queues; workers follow at once, without a restart.")
    {
        Add(new PlacementShowCommand());
        Add(new PlacementEveryoneCommand());
        Add(new PlacementSpecialiseCommand());
        Add(new PlacementAdviseCommand());
    }

    public static async ValueTask SwitchAsync(CommandContext context, Placement placement, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        await new PlacementPublisher(backend.Configuration, $"{context.Definition.Name}@{Environment.MachineName}").PublishAsync(placement, cancellationToken);
        Write(context, placement);
    }

    public static void Write(CommandContext context, Placement placement)
    {
        if (context.Output.IsJson)
            context.Output.Json(placement.ToJson());
        else if (placement.IsSpecialised)
            context.Output.Table(["NODES", "QUEUES"], [.. placement.Groups.Select(group => new[] { group.Match, string.Join(", ", group.Queues) })]);
        else
            context.Output.Data("everyone: each node serves what it was started with");
    }
}

/// <summary><c>placement show</c>.</summary>
internal sealed class PlacementShowCommand : AppCommand
{
    public PlacementShowCommand()
        : base("show", "Shows the placement.") => Examples = ["placement show", "placement show --format json"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        PlacementCommand.Write(context, Placement.Read((await backend.Configuration.ReadAsync(cancellationToken))?.Document));
        return ExitCodes.Ok;
    }
}

/// <summary><c>placement everyone</c>.</summary>
internal sealed class PlacementEveryoneCommand : AppCommand
{
    public PlacementEveryoneCommand()
        : base("everyone", "Has each node serve what it was started with.") => Examples = ["placement everyone"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await PlacementCommand.SwitchAsync(context, Placement.Everyone, cancellationToken);
        return ExitCodes.Ok;
    }
}

/// <summary><c>placement specialise</c>.</summary>
internal sealed class PlacementSpecialiseCommand : AppCommand
{
    private readonly Option<string[]> _groups = new("--group")
    {
        HelpName = "MATCH:QUEUES",
        Description = "Nodes by a label or a pattern of their names, and what they serve; may be given again",
        Required = true,
    };

    public PlacementSpecialiseCommand()
        : base("specialise", "Gives queues to groups of nodes; who is in no group serves what no group has.")
    {
        _groups.Validators.Add(result =>
        {
            foreach (string text in result.Tokens.Select(token => token.Value))
            {
                try
                {
                    Placement.ReadGroup(text);
                }
                catch (FormatException wrong)
                {
                    result.AddError(wrong.Message);
                }
            }
        });
        Add(_groups);
        Examples = ["placement specialise --group site=attic:scan,extract --group gpu:vector", "placement specialise --group 'pi*@*:scan'"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await PlacementCommand.SwitchAsync(context, new Placement([.. context.GetValue(_groups)!.Select(Placement.ReadGroup)]), cancellationToken);
        return ExitCodes.Ok;
    }
}
