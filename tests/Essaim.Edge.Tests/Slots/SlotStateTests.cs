using System.Text.Json;
using Essaim.Testing;

namespace Essaim.Edge.Tests;

public sealed class SlotStateTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Judge_SameIdTwice_RunsOnceAlsoAfterARestart()
    {
        List<string> kept = [];
        CommandLog log = new(_time, [], ids => kept = [.. ids]);

        Assert.Equal(CommandFate.Run, log.Judge(Command("a"), true));
        Assert.Equal(CommandFate.Repeated, log.Judge(Command("a"), true));
        Assert.Equal(CommandFate.Repeated, new CommandLog(_time, kept, _ => { }).Judge(Command("a"), true));
    }

    [Fact]
    public void Judge_TooLate_IsExpiredWhereTheClockIsRight()
    {
        CommandLog log = new(_time, [], _ => { });
        SlotCommand command = Command("a");
        _time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(CommandFate.Expired, log.Judge(command, isSynchronised: true));
        Assert.Equal(CommandFate.Run, log.Judge(command, isSynchronised: false));
    }

    [Fact]
    public void Judge_ManyCommands_RemembersTheLast256()
    {
        List<string> kept = [];
        CommandLog log = new(_time, [], ids => kept = [.. ids]);
        for (int i = 0; i < 300; i++)
            log.Judge(Command($"{i}"), true);

        Assert.Equal((256, "44", "299"), (kept.Count, kept[0], kept[^1]));
        Assert.Equal(CommandFate.Repeated, log.Judge(Command("44"), true));
        Assert.Equal(CommandFate.Run, log.Judge(Command("43"), true));
    }

    [Fact]
    public void Consider_Versions_OnlyGrow()
    {
        List<int> applied = [];
        ConfigurationState state = new(3, (version, config) =>
        {
            if (config.GetProperty("x").GetInt32() < 0)
                return "x is negative";
            applied.Add(version);
            return null;
        });

        Assert.Null(state.Consider(Desired(2, 1)));
        Assert.Equal(new ReportedConfiguration { Number = 3, Status = "applied" }, state.Consider(Desired(3, 1)));
        Assert.Equal(new ReportedConfiguration { Number = 5, Status = "applied" }, state.Consider(Desired(5, 1)));
        Assert.Null(state.Consider(Desired(4, 1)));
        Assert.Equal(new ReportedConfiguration { Number = 6, Status = "rejected", Error = "x is negative" }, state.Consider(Desired(6, -1)));
        Assert.Equal(new ReportedConfiguration { Number = 6, Status = "rejected", Error = "x is negative" }, state.Consider(Desired(6, -1)));
        Assert.Null(state.Consider(Desired(5, 1)));
        Assert.Equal(5, state.Applied);
        Assert.Equal([5], applied);
        Assert.Equal("applied", state.Consider(Desired(7, 1))!.Status);
    }

    [Fact]
    public void Apply_OlderNoticeOfTheSameRound_IsIgnored()
    {
        RoundView view = new();
        Assert.Null(view.OpenRound);

        Assert.True(view.Apply(new RoundNotice { Round = "1", Revision = 3, State = RoundState.Open }));
        Assert.False(view.Apply(new RoundNotice { Round = "1", Revision = 2, State = RoundState.Closed }));
        Assert.Equal("1", view.OpenRound);
        Assert.True(view.Apply(new RoundNotice { Round = "1", Revision = 4, State = RoundState.Closed }));
        Assert.Null(view.OpenRound);
        Assert.True(view.Apply(new RoundNotice { Round = "2", Revision = 1, State = RoundState.Open }));
        Assert.Equal("2", view.OpenRound);
    }

    private SlotCommand Command(string id) => new() { Id = id, Name = "identify", Until = _time.GetUtcNow().AddSeconds(30) };

    private static DesiredConfiguration Desired(int version, int x) => new() { Number = version, Config = JsonDocument.Parse($$"""{"x":{{x}}}""").RootElement };
}
