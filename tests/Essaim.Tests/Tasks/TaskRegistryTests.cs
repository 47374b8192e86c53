using Microsoft.Extensions.DependencyInjection;

namespace Essaim.Tests.Tasks;

public sealed class TaskRegistryTests
{
    public sealed record Nameless : ITaskArgs;

    [TaskName("shop.pay")]
    [TaskOptions(Queue = "shop", Priority = 6, MaxRetries = 5, SoftTimeLimit = 1.5, HardTimeLimit = 3, IgnoreResult = true, Unique = true)]
    public sealed record Pay(int Order) : ITaskArgs;

    public sealed class NamelessHandler : ITaskHandler<Nameless>
    {
        public Task HandleAsync(Nameless args, TaskContext context, CancellationToken stop) => Task.CompletedTask;
    }

    public sealed class PayHandler : ITaskHandler<Pay>
    {
        public Task HandleAsync(Pay args, TaskContext context, CancellationToken stop) => Task.CompletedTask;
    }

    [Fact]
    public void Build_Always_HasCelerysOwnTasks()
    {
        TaskRegistry registry = new TaskRegistryBuilder().Build();

        Assert.Equal(
            ["celery.accumulate", "celery.backend_cleanup", "celery.map", "celery.starmap"], registry.Definitions.Select(task => task.Name).Order());
    }

    [Fact]
    public void AddHandler_TakesOptionsOfTheAttribute_AndThoseGivenAreStronger()
    {
        TaskRegistry registry = new TaskRegistryBuilder().AddHandler<PayHandler>(task => task.Queue = "other").Build();

        Assert.True(registry.TryGet("shop.pay", out TaskDefinition? pay));
        Assert.Equal("other", pay.Options.Queue);
        Assert.Equal(6, pay.Options.Priority);
        Assert.Equal(5, pay.Options.RetryPolicy!.MaxRetries);
        Assert.Equal(TimeSpan.FromSeconds(1.5), pay.Options.SoftTimeLimit);
        Assert.Equal(TimeSpan.FromSeconds(3), pay.Options.HardTimeLimit);
        Assert.True(pay.Options.IgnoreResult);
        Assert.True(pay.Options.Unique);
        Assert.Equal(TimeSpan.FromDays(1), pay.Options.ResultExpires);
        Assert.Equal(new TaskParameter("Order", "order", typeof(int), false, null) { AllowsNull = false }, Assert.Single(pay.Parameters) with { AllowsNull = false }, Same);
    }

    [Fact]
    public void Build_WithSeveralMistakes_ReportsAllOfThem()
    {
        using ServiceProvider services = new ServiceCollection().BuildServiceProvider();
        TaskRegistryBuilder builder = new TaskRegistryBuilder()
            .AddHandler<NamelessHandler>()
            .AddHandler<TaskRegistryTests>()
            .AddTask("a", () => 1)
            .AddTask("a", () => 2)
            .AddTask("", () => 3)
            .AddTask("b", (IDisposable lost) => lost.Dispose());

        TaskDefinitionException error = Assert.Throws<TaskDefinitionException>(() => builder.Build(services));

        Assert.Equal("ESS1102", error.Code);
        Assert.Equal(
            [
                "The arguments record Essaim.Tests.Tasks.TaskRegistryTests+Nameless has no task name. Put [TaskName(\"area.verb\")] on it.",
                "Essaim.Tests.Tasks.TaskRegistryTests handles no task. Let it implement ITaskHandler<TArgs, TResult> or ITaskHandler<TArgs>.",
                "The task name 'a' is registered twice. Give each task a name of its own.",
                "A task is registered without a name. Give it one, such as 'tasks.add'.",
                "Task 'b' has the parameter 'lost' of type System.IDisposable, which is no registered service and cannot come in a message. Register the service or take a concrete type.",
            ],
            error.Message.Split(Environment.NewLine));
    }

    private static bool Same(TaskParameter left, TaskParameter right) =>
        (left.Name, left.WireName, left.Type, left.Optional, left.Default) == (right.Name, right.WireName, right.Type, right.Optional, right.Default);
}
