using Essaim.Protocol;
using static Essaim.Recurrence;

namespace Essaim.Tests.Schedules;

public sealed class ScheduleDefinitionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Write_Everything_IsStableJsonThatReadsBack()
    {
        ScheduleDefinition definition = new()
        {
            Recurrence = Cron("0 3 * * *", "Europe/Paris"),
            Task = "reports.nightly",
            Args = RawJson.Parse("[1,\"deux\"]"),
            Kwargs = RawJson.Parse("{\"full\":true}"),
            Queue = "slow",
            Priority = 3,
            Expires = TimeSpan.FromMinutes(90),
            StartsAt = Noon,
            CatchUp = CatchUpPolicy.All,
            Overlap = OverlapPolicy.Skip,
        };
        const string text = """
            {"cron":"0 3 * * *","timezone":"Europe/Paris","task":"reports.nightly","args":[1,"deux"],"kwargs":{"full":true},"queue":"slow","priority":3,"expires":5400,"starts_at":"2026-01-01T12:00:00+00:00","catch_up":"all","overlap":"skip"}
            """;
        RawJson written = ScheduleJson.Write(definition);
        Assert.Equal(text, written.ToString());
        Assert.Equal(text, ScheduleJson.Write(ScheduleJson.Read("nightly", written)).ToString());
    }

    [Fact]
    public void Write_OnlyWhatIsNeeded_IsShort() =>
        Assert.Equal(
            """{"every":2.5,"task":"t","args":[],"kwargs":{},"catch_up":"none","overlap":"allow"}""",
            ScheduleJson.Write(new ScheduleDefinition { Recurrence = Every(TimeSpan.FromSeconds(2.5)), Task = "t" }).ToString());

    [Theory]
    [InlineData("""{"task":"t"}""", "The given key was not present in the dictionary.")]
    [InlineData("""{"every":10}""", "The given key was not present in the dictionary.")]
    [InlineData("""{"every":10,"task":"t","overlap":"sometimes"}""", "Requested value 'sometimes' was not found.")]
    public void Read_Damaged_SaysWhichSchedule(string json, string why)
    {
        ScheduleException error = Assert.Throws<ScheduleException>(() => ScheduleJson.Read("nightly", RawJson.Parse(json)));
        Assert.Equal("ESS4104", error.Code);
        Assert.Equal($"The stored schedule 'nightly' cannot be read: {why} Remove it and add it again.", error.Message);
    }

    [Fact]
    public void Of_Signature_TakesItsOptions()
    {
        Signature signature = new()
        {
            Task = "t",
            Args = RawJson.Parse("[1]"),
            Options = new SignatureOptions { Queue = "q", Priority = 4, ExpiresIn = TimeSpan.FromSeconds(9) },
        };
        ScheduleDefinition definition = ScheduleDefinition.Of(Every(TimeSpan.FromMinutes(1)), signature);
        Assert.Equal(("t", "[1]", "q", 4, TimeSpan.FromSeconds(9)), (definition.Task, definition.Args.ToString(), definition.Queue, definition.Priority, definition.Expires));
    }

    [Fact]
    public void Of_Chain_IsRefused()
    {
        Signature chain = new() { Task = "celery.chain", SubtaskType = "chain" };
        ScheduleException error = Assert.Throws<ScheduleException>(() => ScheduleDefinition.Of(Every(TimeSpan.FromMinutes(1)), chain));
        Assert.Equal("ESS4105", error.Code);
        Assert.Equal("A schedule sends one task, not a chain. Schedule a task that sends the chain.", error.Message);
    }

    [Fact]
    public void Every_ShorterThanASecond_IsRefused()
    {
        ScheduleException error = Assert.Throws<ScheduleException>(() => Every(TimeSpan.FromMilliseconds(500)));
        Assert.Equal("ESS4102", error.Code);
        Assert.Equal("An interval of 0.5 s is too short for a schedule; give at least 1 s.", error.Message);
    }

    [Fact]
    public void Next_OfInterval_KeepsItsPhase()
    {
        ScheduleDefinition definition = new() { Recurrence = Every(TimeSpan.FromMinutes(10)), Task = "t" };
        Assert.Equal(Noon.AddMinutes(10), definition.Next(Noon, Noon));
        Assert.Equal(Noon.AddMinutes(30), definition.Next(Noon.AddMinutes(25), Noon));
        Assert.Equal(Noon.AddMinutes(-10), definition.Next(Noon.AddMinutes(-15), Noon));
    }

    [Fact]
    public void Next_BeforeItsStart_WaitsForIt()
    {
        ScheduleDefinition definition = new() { Recurrence = Every(TimeSpan.FromHours(1)), Task = "t", StartsAt = Noon };
        Assert.Equal(Noon.AddHours(1), definition.Next(Noon.AddDays(-3), Noon.AddDays(-3)));
    }

    [Theory]
    [InlineData(3, "12:20,12:30,12:40")]
    [InlineData(9, "12:00,12:10,12:20,12:30,12:40")]
    public void Latest_OfMany_AreTheNewestOldestFirst(int most, string expected)
    {
        foreach (Recurrence recurrence in (Recurrence[])[Every(TimeSpan.FromMinutes(10)), Cron("*/10 * * * *")])
        {
            ScheduleDefinition definition = new() { Recurrence = recurrence, Task = "t" };
            List<DateTimeOffset> latest = definition.Latest(Noon, Noon.AddMinutes(45), most);
            Assert.Equal(expected, string.Join(',', latest.Select(at => at.ToString("HH:mm", null))));
        }
    }
}
