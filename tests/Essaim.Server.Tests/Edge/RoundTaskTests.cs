using System.Text.Json.Nodes;
using Essaim.Edge;
using Essaim.Edge.Tests;
using Essaim.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Essaim.Server.Tests;

/// <summary>A closed round's task, on a real core, broker and worker; votes come as the slots' would.</summary>
public sealed class RoundTaskTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("essaim-broker-");
    private Mosquitto _broker = null!;

    public async ValueTask InitializeAsync()
    {
        if (Installed.IsUsable)
            _broker = await Mosquitto.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [BrokerFact]
    public async Task Round_ThatCloses_SendsItsVotesOnce_AlsoWhenTheCoreForgotThatItDid()
    {
        await using ServerHarness core = await StartAsync(() => "night.tally");
        await VoteAsync(core, 2, "red", "blue");
        Answer first = await core.UntilAsync("/v1/tasks", answer => answer.Json["tasks"]!.AsArray().Count == 1);
        JsonNode task = (await core.GetAsync("/v1/tasks/" + (string)first.Json["tasks"]![0]!["id"]!)).Json;
        // As after a death between sending and marking.
        await Store(core).Tasks.RecordAsync(new HistoryBatch([], [], ("rounds", 0)), ServerHarness.Stop);
        await VoteAsync(core, 1, "red");
        await core.UntilAsync("/v1/tasks", answer => answer.Json["tasks"]!.AsArray().Count == 2);

        await core.RestartAsync();

        await UntilMarkedAsync(core, 2);
        Answer all = await core.GetAsync("/v1/tasks");
        Assert.Equal(2, all.Json["tasks"]!.AsArray().Count);
        Assert.Equal("night.tally", (string)task["name"]!);
        string kwargs = (string)task["kwargs"]!;
        Assert.Contains("'round': 1, 'question': None, 'expected': 2", kwargs, StringComparison.Ordinal);
        Assert.Contains("'choice': 'red'", kwargs, StringComparison.Ordinal);
        Assert.Contains("'slot': 'slot-01', 'choice': 'blue'", kwargs, StringComparison.Ordinal);
        Assert.DoesNotContain("green", kwargs, StringComparison.Ordinal);
        Assert.Equal(2, (await core.Backend.Broker.GetQueuesAsync(ServerHarness.Stop)).Sum(queue => queue.Ready));
    }

    [BrokerFact]
    public async Task Round_VoidOrClosedBeforeItWasAskedFor_SendsNothing()
    {
        string? task = null;
        await using ServerHarness core = await StartAsync(() => task);
        await VoteAsync(core, 1, "red");
        task = "night.tally";
        await core.RestartAsync();
        await UntilMarkedAsync(core, 1);
        await core.PostAsync("/v1/rounds");
        await core.PostAsync("/v1/rounds/2/void", """{"reason":"a test"}""");

        await core.PostAsync("/v1/rounds");
        await core.PostAsync("/v1/rounds/3/close");

        await UntilMarkedAsync(core, 3);
        JsonNode only = Assert.Single((await core.GetAsync("/v1/tasks")).Json["tasks"]!.AsArray())!;
        Assert.Contains("'round': 3,", (string)(await core.GetAsync("/v1/tasks/" + (string)only["id"]!)).Json["kwargs"]!, StringComparison.Ordinal);
    }

    private Task<ServerHarness> StartAsync(Func<string?> task) => ServerHarness.StartAsync(
        options => options.Edge = new EdgeOptions { Port = _broker.Port, BrokerFolder = _folder.FullName, RoundTask = task() });

    private static IMetadataStore Store(ServerHarness core) => core.Server.Services.GetRequiredService<IMetadataStore>();

    private static async Task UntilMarkedAsync(ServerHarness core, long round)
    {
        while (await Store(core).Tasks.GetCursorAsync("rounds", ServerHarness.Stop) != round)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ServerHarness.Stop);
    }

    /// <summary>A round of its own, and its votes by way of the taker; one comes too late.</summary>
    private static async Task VoteAsync(ServerHarness core, int expected, params string[] choices)
    {
        string round = ((long)(await core.PostAsync("/v1/rounds", $$"""{"expected":{{expected}}}""")).Json["id"]!).ToString(System.Globalization.CultureInfo.InvariantCulture);
        VoteTaker taker = core.Server.Services.GetRequiredService<VoteTaker>();
        foreach ((int number, string choice) in choices.Append("green").Index())
            taker.Add("slot-01", new SlotEvent { Epoch = "e" + round, Sequence = number + 1, Kind = SlotEvent.Vote, Round = round, Choice = choice });
        await core.UntilAsync("/v1/rounds/" + round, answer => (string)answer.Json["round"]!["state"]! == "closed" && answer.Json["votes"]!.AsArray().Count == choices.Length + 1);
    }
}
