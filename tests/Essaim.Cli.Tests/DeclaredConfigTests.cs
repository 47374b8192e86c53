using Essaim.Sqlite;

namespace Essaim.Cli.Tests;

/// <summary>A configuration declared in C#, as the guide has it.</summary>
public sealed class DeclaredConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Publish_DeclaredInCSharp_IsWhatTheGuideSays()
    {
        string file = _folder["essaim.db"];
        await using SqliteBackend backend = SqliteBackend.Open(file, TimeProvider.System);
        EssaimAppBuilder app = EssaimApp.CreateBuilder(["config", "publish", "--broker", $"sqlite:{file}"]);
        app.AddQueue(new QueueDefinition("scan") { Class = QueueClass.Io, Priority = QueuePriority.High })
           .PublishConfiguration(revision: 7, fleet => fleet.AddRoute("scan.*", "scan").Set("task_time_limit", TimeSpan.FromMinutes(30)));

        int exitCode = await app.Build().RunAsync(TestContext.Current.CancellationToken);

        ConfigDocument published = (await backend.Configuration.ReadAsync(TestContext.Current.CancellationToken))!.Document;
        Assert.Equal((ExitCodes.Ok, 7L), (exitCode, published.Revision));
        Assert.Equal("""{"name":"scan","routing_key":"scan","class":"io","priority":"high"}""", published.Queues["scan"].ToString());
        Assert.Equal(("""{"queue":"scan"}""", "1800"), (published.Routes["scan.*"].ToString(), published.Base["task_time_limit"].ToString()));
    }
}
