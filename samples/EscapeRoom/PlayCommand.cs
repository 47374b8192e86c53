using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Essaim;

namespace EscapeRoom;

/// <summary><c>play</c>: a night of rounds, with machines that lose their power in the middle.</summary>
internal sealed class PlayCommand : AppCommand
{
    private static readonly string[] Choices = ["door", "window", "wait"];
    private static readonly JsonSerializerOptions s_snakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private readonly Option<int> _rounds = new("--rounds") { HelpName = "N", Description = "Rounds of the night", DefaultValueFactory = _ => 5 };
    private readonly Option<int> _slots = new("--slots") { HelpName = "N", Description = "Slots, and votes a round waits for", DefaultValueFactory = _ => 9 };
    private readonly Option<bool> _calm = new("--calm") { Description = "Let no machine lose its power" };
    private readonly Option<bool> _fast = new("--fast") { Description = "Let nobody think before they vote" };
    private readonly Option<bool> _stay = new("--stay") { Description = "Leave everything on at the end, to try its pages, until Ctrl-C" };
    private readonly Option<string?> _data = new("--data") { HelpName = "DIR", Description = "Keep the night's files there [default: a temporary folder, removed at the end]" };

    public PlayCommand()
        : base("play", "Plays a night: Mosquitto, a core and nine slots on this machine, rounds of votes, power cuts, verdicts.", usesBroker: false)
    {
        foreach (Option option in (Option[])[_rounds, _slots, _calm, _fast, _stay, _data])
            Add(option);
        Examples = ["play", "play --rounds 20 --fast", "play --stay"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        (int rounds, int slots) = (context.GetValue(_rounds), context.GetValue(_slots));
        if (rounds is < 1 or > 10_000 || slots is < 1 or > 30)
            throw new NightException("A night has 1 to 10,000 rounds and 1 to 30 slots.");
        string? kept = context.GetValue(_data);
        string folder = kept is null ? Directory.CreateTempSubdirectory("escape-room-").FullName : Path.GetFullPath(kept);
        if (File.Exists(Path.Combine(folder, "core", "metadata.db")))
            throw new NightException($"'{folder}' holds a night already. Name another folder with --data.");
        try
        {
            await using Building building = await Building.OpenAsync(folder, slots, context.Output.Say, cancellationToken);
            List<Verdict> verdicts = [];
            for (int round = 1; round <= rounds; round++)
                verdicts.Add(await PlayRoundAsync(building, context, round, slots, cancellationToken));
            bool isWhole = verdicts.All(verdict => verdict.Votes == slots);
            if (context.Output.IsJson)
                context.Output.Json(new { rounds, votes = verdicts.Sum(verdict => verdict.Votes), lost_or_doubled = isWhole ? 0 : verdicts.Sum(verdict => Math.Abs(verdict.Votes - slots)), verdicts });
            else
                context.Output.Data($"{rounds} rounds of {slots} votes: {(isWhole ? "each vote counted once" : "votes are missing, or too many")}.");
            if (context.GetValue(_stay))
                await StayAsync(context, building, cancellationToken);
            return isWhole ? ExitCodes.Ok : ExitCodes.Failed;
        }
        finally
        {
            if (kept is null)
                Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<Verdict> PlayRoundAsync(Building building, CommandContext context, int number, int slots, CancellationToken cancellationToken)
    {
        JsonNode round = await building.AskAsync(HttpMethod.Post, "v1/rounds", new { question = $"How do we leave room {number}?" }, cancellationToken);
        string id = ((long)round["id"]!).ToString(CultureInfo.InvariantCulture);
        context.Output.Say($"Round {id}: how do we leave room {number}?");
        Task power = context.GetValue(_calm) ? Task.CompletedTask : CutPowerAsync(building, context, number, cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, slots).Select(slot => VoteAsync(building, slot, id, context.GetValue(_fast), cancellationToken)));
        await power;
        await building.UntilAsync(
            $"the end of round {id}", async () => (string)(await building.AskAsync(HttpMethod.Get, "v1/rounds/" + id, null, cancellationToken))["round"]!["state"]! == "closed", cancellationToken);
        Verdict verdict = await VerdictAsync(building, number, cancellationToken);
        context.Output.Say($"  {verdict.Winner}: {string.Join(", ", verdict.Counts.OrderByDescending(count => count.Value).Select(count => $"{count.Key} {count.Value}"))}");
        return verdict;
    }

    /// <summary>Somebody in front of a slot: waits for the round on the screen, thinks, and presses until the slot has taken the vote.</summary>
    private static async Task VoteAsync(Building building, int slot, string round, bool isFast, CancellationToken cancellationToken)
    {
        await building.UntilAsync(
            $"round {round} on slot {slot + 1}",
            async () => await building.SlotAsync(slot, cancellationToken) is { } status && (string?)status["round"]?["round"] == round && (string?)status["round"]?["state"] == "open",
            cancellationToken);
        if (!isFast)
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(200, 3000)), TimeProvider.System, cancellationToken);
        string choice = Choices[Random.Shared.Next(Choices.Length)];
        string nonce = $"touch-{round}";
        await building.UntilAsync($"slot {slot + 1}", async () => await HasTakenAsync(building, slot, nonce, cancellationToken) || await building.PressAsync(slot, choice, nonce, cancellationToken), cancellationToken);
    }

    /// <summary>Whether the vote is on the slot's screen: a slot may have taken it and lost its power before it could say so.</summary>
    private static async Task<bool> HasTakenAsync(Building building, int slot, string nonce, CancellationToken cancellationToken) =>
        (await building.SlotAsync(slot, cancellationToken))?["recent"]?.AsArray().Any(vote => (string?)vote!["input"] == nonce) == true;

    /// <summary>The broker, the core or a slot, in turn; its votes must be there all the same.</summary>
    private static async Task CutPowerAsync(Building building, CommandContext context, int round, CancellationToken cancellationToken)
    {
        Machine[] victims = [building.Broker, building.Slots[round % building.Slots.Count], building.Core];
        Machine victim = victims[(round - 1) % victims.Length];
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(50, 1000)), TimeProvider.System, cancellationToken);
        await victim.LosePowerAsync();
        context.Output.Say($"  {victim.Name} has lost its power …");
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, cancellationToken);
        victim.SwitchOn();
        context.Output.Say($"  … and is on again");
    }

    private static async Task<Verdict> VerdictAsync(Building building, int round, CancellationToken cancellationToken)
    {
        Verdict? verdict = null;
        await building.UntilAsync(
            "the verdict",
            async () =>
            {
                foreach (JsonNode? task in (await building.AskAsync(HttpMethod.Get, "v1/tasks?state=SUCCESS", null, cancellationToken))["tasks"]!.AsArray())
                {
                    JsonNode result = await building.AskAsync(HttpMethod.Get, $"v1/tasks/{(string)task!["id"]!}/result", null, cancellationToken);
                    Verdict? read = result["result"].Deserialize<Verdict>(s_snakeCase);
                    if (read?.Round == round)
                        verdict = read;
                }

                return verdict is not null;
            },
            cancellationToken);
        return verdict!;
    }

    private static async Task StayAsync(CommandContext context, Building building, CancellationToken cancellationToken)
    {
        context.Output.Say($"Everything stays on: the core at {building.Url}, slots from {building.SlotUrl(0)}. Ctrl-C ends it.");
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
