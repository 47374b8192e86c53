using Essaim.Testing;

namespace Essaim.Tests.Steps;

public sealed class TaskStepTests
{
    private readonly List<string> _effects = [];
    private bool _fails = true;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Step_TaskRetried_RunsOnceAndGivesWhatItGave()
    {
        await using TaskTestHost host = new(services => services.AddTask("order", Order, options => options.RetryPolicy = new RetryPolicy()));
        TaskHandle handle = await host.Client.SendAsync("order", cancellationToken: Stop);
        await host.Worker.RunUntilIdleAsync(Stop);
        Assert.Equal(2, (await host.Backend.Steps.ReadAsync(handle.Id, Stop)).Count);
        _fails = false;

        await host.Worker.RunForAsync(TimeSpan.FromMinutes(1), Stop);

        Assert.Equal("receipt 42 for 7.5", await handle.GetResultAsync<string>(cancellationToken: Stop));
        Assert.Equal(["reserve", "pay 42", "mail"], _effects);
        Assert.Empty(await host.Backend.Steps.ReadAsync(handle.Id, Stop));
    }

    [Fact]
    public async Task Step_SameNameTwiceInOneRun_FailsWithAdvice()
    {
        await using TaskTestHost host = new(services => services.AddTask("loop", async (TaskContext context, CancellationToken stop) =>
        {
            for (int i = 0; i < 2; i++)
                await context.StepAsync("item", _ => Task.CompletedTask, stop);
        }));
        TaskHandle handle = await host.Client.SendAsync("loop", cancellationToken: Stop);

        await host.Worker.RunUntilIdleAsync(Stop);

        TaskFailedException failure = await Assert.ThrowsAsync<TaskFailedException>(() => handle.GetResultAsync<object>(cancellationToken: Stop));
        Assert.Contains(
            $"The task {handle.Id} has run the step 'item' before in this execution, and would get its result again instead of running. Give each step a name of its own, such as one with the number of the item.",
            failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Step_RecordedAsAnotherType_FailsWithAdvice()
    {
        await using TaskTestHost host = new(services => services.AddTask("typed", (TaskContext context, CancellationToken stop) => context.StepAsync("n", _ => Task.FromResult(1), stop)));
        TaskHandle handle = await host.Client.SendAsync("typed", cancellationToken: Stop);
        await host.Backend.Steps.RecordAsync(handle.Id, "n", Protocol.RawJson.From("text"), TimeSpan.FromHours(1), Stop);

        await host.Worker.RunUntilIdleAsync(Stop);

        TaskFailedException failure = await Assert.ThrowsAsync<TaskFailedException>(() => handle.GetResultAsync<object>(cancellationToken: Stop));
        Assert.Contains(
            $"The step 'n' of task {handle.Id} was recorded by another version of this task and is not a System.Int32 any more. Give the changed step another name.",
            failure.Message, StringComparison.Ordinal);
    }

    private async Task<string> Order(TaskContext context, CancellationToken stop)
    {
        int number = await context.StepAsync("reserve", _ => Effect("reserve", 42), stop);
        double price = await context.StepAsync("pay", _ => Effect($"pay {number}", 7.5), stop);
        if (_fails)
            throw new InvalidOperationException("The mail server is away.");
        await context.StepAsync("mail", _ => Effect("mail", 0), stop);
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"receipt {number} for {price}");
    }

    private Task<T> Effect<T>(string name, T result)
    {
        _effects.Add(name);
        return Task.FromResult(result);
    }
}
