using System.Globalization;
using static Essaim.Recurrence;

namespace Essaim.Tests.Schedules;

public sealed class CronRecurrenceTests
{
    [Theory]
    [InlineData("* * * * *", "2026-01-01T00:01:00Z", "2026-01-01T00:02:00Z")]
    [InlineData("*/20 * * * *", "2026-01-01T00:20:00Z", "2026-01-01T00:40:00Z")]
    [InlineData("7/20 * * * *", "2026-01-01T00:07:00Z", "2026-01-01T00:27:00Z")]
    [InlineData("5,10-12 3 * * *", "2026-01-01T03:05:00Z", "2026-01-01T03:10:00Z")]
    [InlineData("0 8-18/5 * * *", "2026-01-01T08:00:00Z", "2026-01-01T13:00:00Z")]
    [InlineData("0 0 1 jan,Jul *", "2026-07-01T00:00:00Z", "2027-01-01T00:00:00Z")]
    [InlineData("0 0 * * 0", "2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z")]
    [InlineData("0 0 * * 7", "2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z")]
    [InlineData("0 0 * * SUN", "2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z")]
    [InlineData("0 0 * * fri-sun", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")]
    [InlineData("0 0 * * 6-7", "2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z")]
    [InlineData("0 0 * * */3", "2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z")]
    [InlineData("0 0 * * 1-5", "2026-01-02T00:00:00Z", "2026-01-05T00:00:00Z")]
    [InlineData("0 0 29 2 *", "2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z")]
    [InlineData("0 0 31 * *", "2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z")]
    [InlineData("0 0 13 * 5", "2026-01-02T00:00:00Z", "2026-01-09T00:00:00Z")]
    [InlineData("0 0 10 * 5", "2026-01-02T00:00:00Z", "2026-01-09T00:00:00Z", "2026-01-10T00:00:00Z")]
    [InlineData("0 0 1-31 * 1", "2026-01-05T00:00:00Z", "2026-01-12T00:00:00Z")]
    [InlineData("0 0 10 * 0-6", "2026-01-10T00:00:00Z", "2026-02-10T00:00:00Z")]
    [InlineData("@hourly", "2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z")]
    [InlineData("@daily", "2026-01-02T00:00:00Z")]
    [InlineData("@midnight", "2026-01-02T00:00:00Z")]
    [InlineData("@weekly", "2026-01-04T00:00:00Z")]
    [InlineData("@Monthly", "2026-02-01T00:00:00Z")]
    [InlineData("@yearly", "2027-01-01T00:00:00Z")]
    [InlineData("@annually", "2027-01-01T00:00:00Z")]
    [InlineData("  0   12 *\t* *  ", "2026-01-01T12:00:00Z")]
    public void Next_FromNewYear_GivesTheTimesInOrder(string text, params string[] expected) =>
        Assert.Equal(expected, Firings(Cron(text), "2026-01-01T00:00:00Z", expected.Length));

    [Fact]
    public void Next_InTimeZone_FollowsItsWallClock() =>
        Assert.Equal(
            ["2026-01-02T02:00:00Z", "2026-01-03T02:00:00Z"], Firings(Cron("0 3 * * *", "Europe/Paris"), "2026-01-01T03:00:00Z", 2));

    [Theory]
    // Paris skips 02:00 to 03:00 on 29 March 2026, at 01:00 UTC.
    [InlineData("30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z")]
    [InlineData("*/15 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z")]
    [InlineData("0,30 2,3 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:00:00Z")]
    [InlineData("*/15 * * * *", "2026-03-29T00:30:00Z", "2026-03-29T00:45:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:15:00Z")]
    [InlineData("30 * * * *", "2026-03-29T00:00:00Z", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z")]
    // Paris repeats 02:00 to 03:00 on 25 October 2026, from 01:00 UTC.
    [InlineData("30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z")]
    [InlineData("*/30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:00:00Z")]
    [InlineData("30 1-3 * * *", "2026-10-24T12:00:00Z", "2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z", "2026-10-26T00:30:00Z")]
    [InlineData("30 2 * * *", "2026-10-25T01:10:00Z", "2026-10-26T01:30:00Z")]
    [InlineData("*/30 * * * *", "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:00:00Z")]
    [InlineData("0 0 * * *", "2026-10-24T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")]
    public void Next_AcrossClockChange_RunsWallTimesOnceAndHourlyOnesInRealTime(string text, string from, params string[] expected) =>
        Assert.Equal(expected, Firings(Cron(text, "Europe/Paris"), from, expected.Length));

    [Theory]
    [InlineData("30 2 * * *", "2026-03-29T12:00:00Z", "2026-03-29T01:00:00Z")]
    [InlineData("30 2 * * *", "2026-10-25T12:00:00Z", "2026-10-25T00:30:00Z")]
    [InlineData("30 2 * * *", "2026-10-25T01:10:00Z", "2026-10-25T00:30:00Z")]
    [InlineData("0 0 29 2 *", "2027-06-01T00:00:00Z", "2024-02-28T23:00:00Z")]
    [InlineData("*/15 * * * *", "2026-10-25T01:20:00Z", "2026-10-25T01:15:00Z")]
    [InlineData("*/15 * * * *", "2026-10-25T01:15:00Z", "2026-10-25T01:15:00Z")]
    public void Previous_AcrossClockChange_MirrorsNext(string text, string at, string expected) =>
        Assert.Equal(expected, Text(Cron(text, "Europe/Paris").Previous(Instant(at), default)!.Value));

    [Theory]
    [InlineData("60 * * * *", "'60' is not a minute; allowed are *, numbers from 0 to 59, ranges (a-b), steps (*/n, a-b/n) and lists (a,b).")]
    [InlineData("JAN * * * *", "'JAN' is not a minute; allowed are *, numbers from 0 to 59, ranges (a-b), steps (*/n, a-b/n) and lists (a,b).")]
    [InlineData("0 24 * * *", "'24' is not an hour; allowed are *, numbers from 0 to 23, ranges (a-b), steps (*/n, a-b/n) and lists (a,b).")]
    [InlineData("0 0 0 * *", "'0' is not a day of month; allowed are *, numbers from 1 to 31, ranges (a-b), steps (*/n, a-b/n) and lists (a,b).")]
    [InlineData("0 0 L * *", "'L' is not a day of month; allowed are *, numbers from 1 to 31, ranges (a-b), steps (*/n, a-b/n) and lists (a,b).")]
    [InlineData("0 0 * foo *", "'foo' is not a month; allowed are *, numbers from 1 to 12, names from JAN to DEC, ranges (a-b), steps (*/n, a-b/n) and lists (a,b).")]
    [InlineData("0 0 * * 8", "'8' is not a day of week; allowed are *, numbers from 0 to 7, names from SUN to SAT, ranges (a-b), steps (*/n, a-b/n) and lists (a,b).")]
    [InlineData("1,,2 * * * *", "'' is not a minute; allowed are *, numbers from 0 to 59, ranges (a-b), steps (*/n, a-b/n) and lists (a,b).")]
    [InlineData("1-2-3 * * * *", "'1-2-3' is not a minute; allowed are *, numbers from 0 to 59, ranges (a-b), steps (*/n, a-b/n) and lists (a,b).")]
    [InlineData("*/0 * * * *", "'*/0' is not a minute; a step is a number from 1 to 59.")]
    [InlineData("*/5/2 * * * *", "'*/5/2' is not a minute; allowed are *, numbers from 0 to 59, ranges (a-b), steps (*/n, a-b/n) and lists (a,b).")]
    [InlineData("0 22-2 * * *", "'22-2' is not an hour; a range goes from the smaller to the larger; write two ranges, separated by a comma.")]
    [InlineData("-1 * * * *", "'-1' is not a minute; allowed are *, numbers from 0 to 59, ranges (a-b), steps (*/n, a-b/n) and lists (a,b).")]
    [InlineData("* * * *", "it has 4 fields, not five (minute, hour, day of month, month, day of week).")]
    [InlineData("0 0 * * * *", "it has 6 fields, not five (minute, hour, day of month, month, day of week).")]
    [InlineData("", "it has 0 fields, not five (minute, hour, day of month, month, day of week).")]
    [InlineData("@reboot", "known short forms are @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually.")]
    public void Cron_BadText_NamesTheField(string text, string why)
    {
        ScheduleException error = Assert.Throws<ScheduleException>(() => Cron(text));
        Assert.Equal("ESS4101", error.Code);
        Assert.Equal($"The cron text '{text}' cannot be read: {why}", error.Message);
    }

    [Fact]
    public void Cron_DayThatNeverComes_SaysSo() =>
        Assert.Equal(
            "The cron text '0 0 30 2 *' never fires: no such day of month exists in the months it names.",
            Assert.Throws<ScheduleException>(() => Cron("0 0 30 2 *")).Message);

    [Fact]
    public void Cron_UnknownZone_SaysSo()
    {
        ScheduleException error = Assert.Throws<ScheduleException>(() => Cron("0 0 * * *", "Europe/Lutetia"));
        Assert.Equal("ESS4103", error.Code);
        Assert.Equal(
            "The time zone 'Europe/Lutetia' is not known on this machine. Give an IANA name such as Europe/Paris or UTC; on a small Linux image, install the package tzdata.",
            error.Message);
    }

    private static List<string> Firings(Recurrence recurrence, string from, int count)
    {
        List<string> found = [];
        DateTimeOffset at = Instant(from);
        while (found.Count < count && recurrence.Next(at, default) is { } next)
        {
            found.Add(Text(next));
            at = next;
        }

        return found;
    }

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(DateTimeOffset at) => at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
