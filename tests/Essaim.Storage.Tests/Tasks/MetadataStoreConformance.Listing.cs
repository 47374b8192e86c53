using System.Globalization;
using Essaim.Protocol;

namespace Essaim.Storage.Tests;

public abstract partial class MetadataStoreConformance
{
    private protected async Task<string> ListAsync(TaskQuery query) => string.Join(' ', (await Store.Tasks.ListAsync(query, Stop)).Tasks.Select(task => task.Id));

    [Fact]
    public async Task List_EachFilter_FindsItsOwn()
    {
        await RecordAsync(
            Submitted("a", 1, "mail.send", "mail"),
            Submitted("b", 2, "mail.sort", "mail") with { RootId = "a" },
            Submitted("c", 3, "scan[x]", "scan"),
            new TaskChange { TaskId = "b", At = At(4), State = TaskState.Started, Worker = "w@h" },
            new TaskChange { TaskId = "c", At = At(5), State = TaskState.Success, Certain = true, Worker = "v@h" });

        Assert.Equal("c b a", await ListAsync(new TaskQuery()));
        Assert.Equal("c b", await ListAsync(new TaskQuery { States = ["SUCCESS", "STARTED"] }));
        Assert.Equal("b", await ListAsync(new TaskQuery { Name = "mail.sort" }));
        Assert.Equal("b a", await ListAsync(new TaskQuery { Name = "mail.*" }));
        Assert.Equal("b", await ListAsync(new TaskQuery { Name = "mail.so??" }));
        Assert.Equal("c", await ListAsync(new TaskQuery { Name = "scan[x]*" }));
        Assert.Equal("b a", await ListAsync(new TaskQuery { Queue = "mail" }));
        Assert.Equal("b", await ListAsync(new TaskQuery { Worker = "w@h" }));
        Assert.Equal("b a", await ListAsync(new TaskQuery { RootId = "a" }));
        Assert.Equal("c b", await ListAsync(new TaskQuery { Since = At(2) }));
        Assert.Equal("a", await ListAsync(new TaskQuery { Until = At(2) }));
        Assert.Equal("", await ListAsync(new TaskQuery { Queue = "mail", States = ["SUCCESS"] }));
    }

    [Fact]
    public async Task List_PageByPage_ShowsEachTaskOnceWhileNewOnesCome()
    {
        await RecordAsync([.. Enumerable.Range(0, 25).Select(i => Submitted("t" + i.ToString(CultureInfo.InvariantCulture), i / 3))]);
        List<string> seen = [];
        TaskCursor? after = null;
        do
        {
            TaskPage page = await Store.Tasks.ListAsync(new TaskQuery { Limit = 10, After = after }, Stop);
            seen.AddRange(page.Tasks.Select(task => task.Id));
            after = page.Next;
            await RecordAsync(Submitted("late" + seen.Count.ToString(CultureInfo.InvariantCulture), 1000));
        }
        while (after is not null);

        Assert.Equal(Enumerable.Range(0, 25).Reverse().Select(i => "t" + i.ToString(CultureInfo.InvariantCulture)), seen);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("%%%")]
    [InlineData("MTIz")]
    public void ParseCursor_NotOne_IsRefused(string text) => Assert.False(TaskCursor.TryParse(text, out _));

    [Fact]
    public void ParseCursor_Encoded_IsTheSame()
    {
        TaskCursor cursor = new(-5, long.MaxValue);
        Assert.True(TaskCursor.TryParse(cursor.Encode(), out TaskCursor read));
        Assert.Equal(cursor, read);
    }
}
