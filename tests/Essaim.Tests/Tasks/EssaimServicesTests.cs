using System.Text.Json;
using Essaim.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Essaim.Tests.Tasks;

public sealed class EssaimServicesTests
{
    [Fact]
    public async Task AddEssaim_WithUrl_GivesAClientWithTheDefinitions()
    {
        await using ServiceProvider services = new ServiceCollection()
            .AddEssaim($"memory:{Guid.NewGuid():N}", options => options.DefaultQueue = "own")
            .AddTask("far", () => 1, task => task.Queue = "far-queue")
            .AddTask("near", () => 1)
            .BuildServiceProvider();
        TaskClient client = services.GetRequiredService<TaskClient>();
        TaskHandle far = await client.SendAsync("far", cancellationToken: TestContext.Current.CancellationToken);
        TaskHandle near = await client.SendAsync("near", cancellationToken: TestContext.Current.CancellationToken);

        IBroker broker = (await client.GetBackendAsync(TestContext.Current.CancellationToken)).Broker;
        Assert.Equal("far-queue", (await broker.FindAsync(far.Id, TestContext.Current.CancellationToken))!.Queue);
        Assert.Equal("own", (await broker.FindAsync(near.Id, TestContext.Current.CancellationToken))!.Queue);
    }

    [Fact]
    public async Task AddEssaim_WithoutABroker_RunsTasksThatSendNothing()
    {
        await using ServiceProvider services = new ServiceCollection().AddTask("near", () => 1).BuildServiceProvider();

        Assert.NotNull(services.GetRequiredService<ITaskRunner>());
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(services.GetRequiredService<TaskClient>);
        Assert.Equal("No broker is known, so there can be no TaskClient. Give AddEssaim a broker URL, or register an IBackend.", error.Message);
    }

    [Fact]
    public async Task AddEssaim_JsonOptions_HoldForTasksToo()
    {
        JsonSerializerOptions json = new(EssaimJson.Options) { PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower };
        await using TaskTestHost host = new(services => services
            .AddEssaim(configure: options => options.Json = json)
            .AddTask("named", (int firstArgument) => new { FirstResult = firstArgument }));

        TaskRun run = await host.RunAsync("named", kwargs: new Dictionary<string, object?> { ["first-argument"] = 1 }, stop: TestContext.Current.CancellationToken);

        Assert.Equal("""{"first-result":1}""", run.Result.ToString());
    }
}
