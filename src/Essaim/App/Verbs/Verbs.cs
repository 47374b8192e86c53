using System.CommandLine;
using System.CommandLine.Help;

namespace Essaim;

/// <summary>All verbs of a program.</summary>
internal static class Verbs
{
    public static RootCommand CreateRoot(AppDefinition definition)
    {
        RootCommand root = new($"{definition.Name}: runs, sends and watches tasks.");
        // A worker lives long: what the other verbs are made of would stay in its memory.
        bool isWorker = definition.Args is [WorkerCommand.Verb, ..];
        if (!isWorker)
        {
            foreach (Func<Command> make in definition.Commands)
                root.Add(make());
        }

        root.Add(new WorkerCommand(definition.WorkerAdditions));
        if (!isWorker)
            AddOthers(root, definition);
        Bind(root, definition);
        Option version = root.Options.First(option => option is VersionOption);
        version.Description = "Show the version";
        HelpOption help = root.Options.OfType<HelpOption>().First();
        help.Action = new HelpWithExamples((HelpAction)help.Action!, definition.Name);
        return root;
    }

    private static void AddOthers(RootCommand root, AppDefinition definition)
    {
        root.Add(new SendCommand());
        root.Add(new CallCommand());
        root.Add(new ResultCommand());
        root.Add(new TopCommand());
        root.Add(new WhyCommand());
        root.Add(new QueuesCommand());
        root.Add(new PurgeCommand());
        root.Add(new DeadLettersCommand());
        root.Add(new ScheduleCommand());
        root.Add(new InspectCommand());
        root.Add(new ControlVerbs());
        root.Add(new ConfigCommand());
        root.Add(new PlacementCommand());
        root.Add(new EventsCommand());
        root.Add(new ObserveCommand());
        root.Add(new DoctorCommand([.. definition.DoctorParts.Select(make => make())]));
        root.Add(new VersionCommand());
        root.Add(new CompletionCommand());
    }

    private static void Bind(Command command, AppDefinition definition)
    {
        (command as AppCommand)?.Bind(definition);
        foreach (Command child in command.Subcommands)
            Bind(child, definition);
    }
}
