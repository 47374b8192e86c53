using System.CommandLine;
using System.Reflection;
using Essaim.Protocol;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Essaim;

/// <summary>Gathers a program's tasks, services, schedules and commands. Not safe for several threads.</summary>
public sealed class EssaimAppBuilder
{
    private readonly string[] _args;
    private readonly Dictionary<string, ScheduleDefinition> _schedules = [];
    private readonly List<Func<Command>> _commands = [];
    private readonly List<Func<IDoctorPart>> _doctorParts = [];
    private readonly List<QueueDefinition> _queues = [];
    private FleetDeclaration? _fleet;
    private ConfigurationManager? _configuration;
    private string? _broker;

    internal EssaimAppBuilder(string[] args) => _args = args;

    /// <summary>The program's name in help and messages. Default: the name of its assembly.</summary>
    public string Name { get; set; } = Assembly.GetEntryAssembly()?.GetName().Name ?? "essaim";

    /// <summary>Services for handlers.</summary>
    public IServiceCollection Services { get; } = new ServiceCollection();

    /// <summary>How <c>worker</c> runs tasks unless its command line says otherwise.</summary>
    public WorkerOptions Worker { get; } = new();

    /// <summary>
    /// <c>appsettings.json</c> beside the program and in the current folder, then environment variables that begin with <c>ESSAIM_</c>.
    /// Read on first use; <see cref="Services"/> then has it too.
    /// </summary>
    public ConfigurationManager Configuration => _configuration ??= ReadConfiguration();

    /// <summary>Registers a handler class; see <see cref="TaskRegistryBuilder.AddHandler{THandler}"/>.</summary>
    /// <typeparam name="THandler">The handler.</typeparam>
    public EssaimAppBuilder AddHandler<THandler>(Action<TaskOptions>? configure = null)
        where THandler : class
    {
        Services.AddHandler<THandler>(configure);
        return this;
    }

    /// <summary>Registers a delegate as a task; see <see cref="TaskRegistryBuilder.AddTask"/>.</summary>
    public EssaimAppBuilder AddTask(string name, Delegate run, Action<TaskOptions>? configure = null)
    {
        Services.AddTask(name, run, configure);
        return this;
    }

    /// <summary>Defines a queue and its character. A worker serves all defined queues unless told otherwise, else <c>celery</c>.</summary>
    public EssaimAppBuilder AddQueue(QueueDefinition definition)
    {
        Services.AddQueue(definition);
        _queues.Add(definition);
        return this;
    }

    /// <summary>
    /// Publishes the program's queues, with routes and base settings, as the fleet's one configuration when a worker of it starts. A file
    /// (<c>--config</c>, <c>essaim.queues.yaml</c> in the current folder) goes before.
    /// </summary>
    /// <param name="revision">Raise it with each change, at least 0: of two sources the one with the higher revision is published.</param>
    /// <param name="configure">Adds routes and settings.</param>
    public EssaimAppBuilder PublishConfiguration(long revision, Action<FleetConfigurationBuilder>? configure = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(revision);
        FleetConfigurationBuilder fleet = new();
        configure?.Invoke(fleet);
        _fleet = new FleetDeclaration(revision, fleet.Routes, fleet.Settings);
        return this;
    }

    /// <summary>Declares a schedule; programs started with beat (<c>worker --beat</c>, <c>up</c>) write it to the broker and fire it.</summary>
    /// <param name="name">Unique name.</param>
    /// <param name="recurrence">When.</param>
    /// <param name="signature">What: one task.</param>
    /// <param name="catchUp">What happens to missed firings. Default: none of them fires.</param>
    /// <param name="overlap">What happens while the previous firing's task has not ended. Default: both run.</param>
    /// <exception cref="ScheduleException">See <see cref="ScheduleDefinition.Of"/>.</exception>
    public EssaimAppBuilder AddSchedule(
        string name, Recurrence recurrence, Signature signature, CatchUpPolicy catchUp = CatchUpPolicy.None, OverlapPolicy overlap = OverlapPolicy.Allow) =>
        AddSchedule(name, ScheduleDefinition.Of(recurrence, signature) with { CatchUp = catchUp, Overlap = overlap });

    /// <summary>Declares a schedule.</summary>
    /// <param name="name">Unique name.</param>
    /// <param name="definition">What and when.</param>
    public EssaimAppBuilder AddSchedule(string name, ScheduleDefinition definition)
    {
        _schedules[name] = definition;
        return this;
    }

    /// <summary>The broker used unless <c>--broker</c> or <c>ESSAIM_BROKER</c> name one. Default <c>sqlite:.essaim/essaim.db</c>.</summary>
    public EssaimAppBuilder UseBroker(string url)
    {
        _broker = url;
        return this;
    }

    /// <summary>Adds a verb of the program's own; derive it from <see cref="AppCommand"/> to get the broker, output formats and error texts.</summary>
    public EssaimAppBuilder AddCommand(Command command)
    {
        _commands.Add(() => command);
        return this;
    }

    /// <summary>Adds a verb of the program's own that is made only when the command line needs it: a worker and its children never do.</summary>
    /// <typeparam name="TCommand">The verb.</typeparam>
    public EssaimAppBuilder AddCommand<TCommand>()
        where TCommand : Command, new()
    {
        _commands.Add(static () => new TCommand());
        return this;
    }

    /// <summary>What the program's own tasks need of a worker: options, and duties beside it.</summary>
    internal List<IWorkerAddition> WorkerAdditions { get; } = [];

    /// <summary>Adds to what <c>doctor</c> looks at.</summary>
    internal EssaimAppBuilder AddDoctorPart<TPart>()
        where TPart : IDoctorPart, new()
    {
        _doctorParts.Add(static () => new TPart());
        return this;
    }

    /// <summary>Ends the gathering.</summary>
    public EssaimApp Build()
    {
        Services.AddEssaim(configure: CompressionSetting.Apply);
        Worker.ServesAll = ReferenceEquals(Worker.Queues, WorkerOptions.CelerysQueue);
        if (_queues.Count > 0 && Worker.ServesAll)
            Worker.Queues = [.. _queues.Select(queue => queue.Name)];
        return new EssaimApp(new AppDefinition
        {
            Name = Name,
            Args = _args,
            Services = Services,
            Worker = Worker,
            Schedules = _schedules,
            Commands = _commands,
            DoctorParts = _doctorParts,
            Broker = _broker,
            Queues = _queues,
            Fleet = _fleet,
            WorkerAdditions = WorkerAdditions,
        });
    }

    private ConfigurationManager ReadConfiguration()
    {
        ConfigurationManager configuration = new();
        configuration.AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true);
        configuration.AddJsonFile(Path.GetFullPath("appsettings.json"), optional: true);
        configuration.AddEnvironmentVariables("ESSAIM_");
        Services.AddSingleton<IConfiguration>(configuration);
        return configuration;
    }
}
