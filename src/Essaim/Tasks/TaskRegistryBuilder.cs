using System.Text.Json;

namespace Essaim;

/// <summary>Gathers task definitions before the program starts. Not safe for several threads.</summary>
public sealed class TaskRegistryBuilder
{
    private readonly List<Func<TaskDefiner, IEnumerable<TaskDefinition>>> _definitions = [];

    /// <summary>How arguments and results of all tasks are read and written, unless a task says otherwise. Null (default): <see cref="EssaimJson.Options"/>.</summary>
    public JsonSerializerOptions? Json { get; set; }

    /// <summary>Registers every task a handler class handles.</summary>
    /// <typeparam name="THandler">Implements <see cref="ITaskHandler{TArgs,TResult}"/> or <see cref="ITaskHandler{TArgs}"/>, once or more.</typeparam>
    public TaskRegistryBuilder AddHandler<THandler>(Action<TaskOptions>? configure = null)
        where THandler : class
    {
        _definitions.Add(definer => definer.FromHandler(typeof(THandler), configure));
        return this;
    }

    /// <summary>Registers a delegate as a task. Parameters of type <see cref="TaskContext"/>, <see cref="CancellationToken"/> and of registered services are injected.</summary>
    /// <param name="name">Name on the wire.</param>
    /// <param name="run">Any delegate; it may return nothing, a value, or a task of either.</param>
    /// <param name="configure">Sets options.</param>
    public TaskRegistryBuilder AddTask(string name, Delegate run, Action<TaskOptions>? configure = null)
    {
        _definitions.Add(definer => [definer.FromDelegate(name, run, configure)]);
        return this;
    }

    /// <summary>Checks everything and builds the registry. All mistakes are reported at once.</summary>
    /// <param name="services">Tells which delegate parameters are services; null: interfaces are taken to be.</param>
    /// <exception cref="TaskDefinitionException"><c>ESS1102</c>: a task is defined wrongly.</exception>
    public TaskRegistry Build(IServiceProvider? services = null)
    {
        TaskDefiner definer = new(Json ?? EssaimJson.Options, services);
        Dictionary<string, TaskDefinition> known = BuiltInTasks.All.ToDictionary(definition => definition.Name);
        List<string> mistakes = [];
        foreach (Func<TaskDefiner, IEnumerable<TaskDefinition>> define in _definitions)
        {
            try
            {
                foreach (TaskDefinition definition in define(definer))
                {
                    if (!known.TryAdd(definition.Name, definition))
                        mistakes.Add($"The task name '{definition.Name}' is registered twice. Give each task a name of its own.");
                }
            }
            catch (TaskDefinitionException mistake)
            {
                mistakes.Add(mistake.Message);
            }
        }

        return mistakes.Count == 0 ? new TaskRegistry(known) : throw new TaskDefinitionException(string.Join(Environment.NewLine, mistakes));
    }
}
