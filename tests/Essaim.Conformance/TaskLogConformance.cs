using System.Text;
using Xunit;

namespace Essaim.Conformance;

/// <summary>Logs of tasks: by offset, once.</summary>
public abstract class TaskLogConformance : BackendConformance
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private ITaskLogStore Logs => Backend.Logs;

    [Fact]
    public async Task Append_Pieces_AreReadBackWithTheirPlaces()
    {
        TaskLogPiece error = new(TaskLogSource.Error, Time.GetUtcNow().AddSeconds(1), "warnüng\n"u8.ToArray());
        Assert.Equal("a", await Logs.AppendAsync(new TaskLogAppend("t", null, "a", Hour) { Pieces = [Piece("one\n"), error] }, Stop));
        Assert.Equal("b", await Logs.AppendAsync(new TaskLogAppend("t", "a", "b", Hour) { Pieces = [Piece("two\n")] }, Stop));

        IReadOnlyList<TaskLogPiece> read = await Logs.ReadAsync("t", 0, 100, TimeSpan.Zero, Stop);

        Assert.Equal(
            [(0L, TaskLogSource.Output, "one\n"), (4L, TaskLogSource.Error, "warnüng\n"), (13L, TaskLogSource.Output, "two\n")],
            read.Select(piece => (piece.Offset, piece.Source, Text(piece))));
        Assert.Equal(Time.GetUtcNow().AddSeconds(1), read[1].At, TimeSpan.FromMilliseconds(1));
        Assert.Equal(new TaskLogState(17, "b"), await Logs.FindAsync("t", Stop));
    }

    [Fact]
    public async Task Read_FromEveryPlace_GivesTheRest()
    {
        string whole = await WriteAsync("alpha", "b", "gamma");

        for (int from = 0; from <= whole.Length; from++)
        {
            IReadOnlyList<TaskLogPiece> read = await Logs.ReadAsync("t", from, 100, TimeSpan.Zero, Stop);

            Assert.Equal(whole[from..], string.Concat(read.Select(Text)));
            Assert.Equal(from, read.Count == 0 ? from : read[0].Offset);
        }
    }

    [Fact]
    public async Task Read_InSmallSteps_GivesAllOnce()
    {
        string whole = await WriteAsync([.. Enumerable.Range(0, 20).Select(i => $"line {i}\n")]);

        StringBuilder read = new();
        for (long from = 0; from < whole.Length;)
        {
            IReadOnlyList<TaskLogPiece> pieces = await Logs.ReadAsync("t", from, 3, TimeSpan.Zero, Stop);
            Assert.InRange(pieces.Count, 1, 3);
            read.AppendJoin("", pieces.Select(Text));
            from = pieces[^1].End;
        }

        Assert.Equal(whole, read.ToString());
    }

    [Fact]
    public async Task Append_AskedTwice_IsDoneOnce()
    {
        TaskLogAppend append = new("t", null, "a", Hour) { Pieces = [Piece("one")] };

        Assert.Equal("a", await Logs.AppendAsync(append, Stop));
        Assert.Equal("a", await Logs.AppendAsync(append, Stop));

        Assert.Equal("one", await ReadAllAsync("t"));
    }

    [Fact]
    public async Task Append_ByOneWhoWasOvertaken_ChangesNothingAndIsToldTheMark()
    {
        await Logs.AppendAsync(new TaskLogAppend("t", null, "first", Hour) { Pieces = [Piece("one")] }, Stop);
        await Logs.AppendAsync(new TaskLogAppend("t", "first", "second", Hour), Stop);

        Assert.Equal("second", await Logs.AppendAsync(new TaskLogAppend("t", "first", "late", Hour) { Pieces = [Piece("late")] }, Stop));
        Assert.Equal("second", await Logs.AppendAsync(new TaskLogAppend("t", null, "anew", Hour) { Pieces = [Piece("anew")] }, Stop));
        Assert.Null(await Logs.AppendAsync(new TaskLogAppend("other", "first", "late", Hour) { Pieces = [Piece("late")] }, Stop));

        Assert.Equal("one", await ReadAllAsync("t"));
        Assert.Null(await Logs.FindAsync("other", Stop));
    }

    [Fact]
    public async Task Append_ByManyAtOnce_EachByteOnce()
    {
        await Logs.AppendAsync(new TaskLogAppend("t", null, "0", Hour), Stop);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(
            async () =>
            {
                for (int i = 0; i < 5; i++)
                {
                    string mark = $"{writer}.{i}";
                    for (string? seen = "0"; seen != mark;)
                        seen = await Logs.AppendAsync(new TaskLogAppend("t", seen, mark, Hour) { Pieces = [Piece($"[{mark}]")] }, Stop);
                }
            },
            Stop)));

        string[] read = (await ReadAllAsync("t")).Split(['[', ']'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Enumerable.Range(0, 8).SelectMany(writer => Enumerable.Range(0, 5).Select(i => $"{writer}.{i}")), read.Order());
        Assert.Equal(40, read.Length);
    }

    [Fact]
    public async Task Read_NothingYet_WaitsForTheNextPiece()
    {
        await WriteAsync("one");
        ValueTask<IReadOnlyList<TaskLogPiece>> reading = Logs.ReadAsync("t", 3, 100, Patience, Stop);

        await Logs.AppendAsync(new TaskLogAppend("t", (await Logs.FindAsync("t", Stop))!.Mark, "next", Hour) { Pieces = [Piece("two")] }, Stop);

        Assert.Equal("two", Text(Assert.Single(await reading)));
    }

    [Fact]
    public async Task Read_NoLogYet_WaitsForItsBeginning()
    {
        ValueTask<IReadOnlyList<TaskLogPiece>> reading = Logs.ReadAsync("t", 0, 100, Patience, Stop);

        await WriteAsync("one");

        Assert.Equal("one", Text(Assert.Single(await reading)));
    }

    [Fact]
    public async Task Read_NothingComes_IsEmptyAndStopsWhenTold()
    {
        Assert.Empty(await Logs.ReadAsync("t", 0, 100, TimeSpan.Zero, Stop));
        Assert.Empty(await Logs.ReadAsync("t", 0, 100, TimeSpan.FromMilliseconds(1), Stop));
        using CancellationTokenSource cancel = new();
        ValueTask<IReadOnlyList<TaskLogPiece>> reading = Logs.ReadAsync("t", 0, 100, Patience, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading);
    }

    [Fact]
    public async Task Log_AfterItsTime_IsGoneAndMayBeginAnew()
    {
        await WriteAsync("one", "two");
        await AdvanceAsync(Hour);

        Assert.Null(await Logs.FindAsync("t", Stop));
        Assert.Empty(await Logs.ReadAsync("t", 0, 100, TimeSpan.Zero, Stop));
        Assert.Equal("anew", await Logs.AppendAsync(new TaskLogAppend("t", null, "anew", Hour) { Pieces = [Piece("3")] }, Stop));
        Assert.Equal("3", await ReadAllAsync("t"));
        await AdvanceAsync(Hour);
        Assert.Equal(ExpiresByItself ? 0 : 1, (await Broker.SweepAsync(Stop)).Pruned);
        Assert.Equal(0, (await Broker.SweepAsync(Stop)).Pruned);
    }

    [Fact]
    public async Task Append_WithoutPieces_KeepsTheLogLonger()
    {
        await Logs.AppendAsync(new TaskLogAppend("t", null, "a", Hour) { Pieces = [Piece("one")] }, Stop);
        await Logs.AppendAsync(new TaskLogAppend("t", "a", "b", 3 * Hour), Stop);
        await AdvanceAsync(2 * Hour);

        Assert.Equal("one", await ReadAllAsync("t"));
    }

    [Fact]
    public async Task Append_EmptyPieceOrMark_IsRefused()
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await Logs.AppendAsync(new TaskLogAppend("t", null, "a", Hour) { Pieces = [Piece("")] }, Stop));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Logs.AppendAsync(new TaskLogAppend("t", null, "", Hour), Stop));
        Assert.Null(await Logs.FindAsync("t", Stop));
    }

    private static string Text(TaskLogPiece piece) => Encoding.UTF8.GetString(piece.Bytes.Span);

    private TaskLogPiece Piece(string text) => new(TaskLogSource.Output, Time.GetUtcNow(), Encoding.UTF8.GetBytes(text));

    private async Task<string> WriteAsync(params string[] pieces)
    {
        string? mark = null;
        foreach (string piece in pieces)
            mark = await Logs.AppendAsync(new TaskLogAppend("t", mark, $"{mark}+", Hour) { Pieces = [Piece(piece)] }, Stop);
        return string.Concat(pieces);
    }

    private async Task<string> ReadAllAsync(string taskId) => string.Concat((await Logs.ReadAsync(taskId, 0, 1000, TimeSpan.Zero, Stop)).Select(Text));
}
