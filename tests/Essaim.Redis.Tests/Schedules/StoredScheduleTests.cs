using Essaim.Protocol;

namespace Essaim.Redis.Tests;

public sealed class StoredScheduleTests
{
    [Fact]
    public void Write_Full_IsTheStoredForm()
    {
        DateTimeOffset at = new(2026, 1, 2, 4, 4, 5, TimeSpan.FromHours(1));

        byte[] stored = StoredSchedule.Write(new ScheduleRecord("s", RawJson.Parse("""{"every": 60}"""), true, at, at.AddTicks(1), "t1"));

        Assert.Equal(
            """{"definition":"{\u0022every\u0022: 60}","enabled":true,"next_run":"2026-01-02T03:04:05.0000000Z","last_run":"2026-01-02T03:04:05.0000001Z","last_task_id":"t1"}""",
            System.Text.Encoding.UTF8.GetString(stored));
    }

    [Fact]
    public void Read_Unreadable_SaysWhichAndWhatToDo()
    {
        ScheduleException error = Assert.Throws<ScheduleException>(() => StoredSchedule.Read("s", RawMessages.Bytes("""{"definition": null}""")));

        Assert.Equal("ESS4104", error.Code);
        Assert.Equal("The stored schedule 's' cannot be read: It has no definition. Remove it and add it again.", error.Message);
    }
}
