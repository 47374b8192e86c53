using System.Text;

namespace Essaim.Sandbox.Tests;

public sealed class LogTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task Output_WhileItRuns_ComesAtOnce()
    {
        ISandboxRun run = await sandbox.Executor.StartAsync(Runs.Request("import time\nprint('first', end='')\ntime.sleep(3600)"), TestContext.Current.CancellationToken);
        try
        {
            await foreach (RunOutput output in run.WatchAsync(0, TestContext.Current.CancellationToken))
            {
                Assert.Equal("first", Encoding.UTF8.GetString(Assert.IsType<RunText>(output).Bytes.Span));
                break;
            }
        }
        finally
        {
            await run.RemoveAsync(CancellationToken.None);
        }

        await Runs.AssertGoneAsync(sandbox.Executor, run.Id);
    }

    [Fact]
    public async Task Watch_FromAnOffset_GoesOnThere()
    {
        ISandboxRun run = await sandbox.Executor.StartAsync(
            Runs.Request("import time, sys\nfor n in range(5):\n    print(n)\n    time.sleep(0.05)\nprint('bad', file=sys.stderr)"), TestContext.Current.CancellationToken);
        Outcome all = await Runs.FollowAsync(run);
        long offset = all.Outputs.OfType<RunText>().ElementAt(1).Offset;

        StringBuilder rest = new();
        await foreach (RunOutput output in run.WatchAsync(offset, TestContext.Current.CancellationToken))
            rest.Append(output is RunText text ? Encoding.UTF8.GetString(text.Bytes.Span) : "");
        await run.RemoveAsync(CancellationToken.None);

        string whole = string.Concat(all.Outputs.OfType<RunText>().Select(text => Encoding.UTF8.GetString(text.Bytes.Span)));
        string begun = string.Concat(all.Outputs.OfType<RunText>().Take(2).Select(text => Encoding.UTF8.GetString(text.Bytes.Span)));
        Assert.Equal(whole, begun + rest);
        Assert.Equal(("0\n1\n2\n3\n4\n", "bad\n"), (all.Out, all.Error));
    }

    [Fact]
    public async Task Log_OverItsLimit_KeepsBeginningAndEnd()
    {
        RunRequest request = Runs.Request("for n in range(20000): print(n)") with { Limits = new RunLimits { Log = 16 << 10 } };

        Outcome outcome = await sandbox.Executor.RunAsync(request);

        Assert.Equal(EndReason.Ok, outcome.End.Reason);
        Assert.StartsWith("0\n1\n2\n", outcome.Out, StringComparison.Ordinal);
        Assert.EndsWith("19998\n19999\n", outcome.Out, StringComparison.Ordinal);
        RunGap gap = Assert.Single(outcome.Outputs.OfType<RunGap>());
        Assert.Equal(outcome.End.Usage.LogBytes, gap.Bytes + outcome.Out.Length);
        Assert.InRange(outcome.Out.Length, 16 << 10, 32 << 10);
    }

    [Fact]
    public async Task Progress_AndLog_AreTold()
    {
        const string source = "import essaim\nessaim.progress(0.25, 'a quarter')\nessaim.log('careful', level='warning')\nessaim.progress(1)";

        Outcome outcome = await sandbox.Executor.RunAsync(source);

        Assert.Equal([new RunProgress(0.25, "a quarter"), new RunLogLine("warning", "careful"), new RunProgress(1, "")], outcome.Outputs.Where(output => output is not RunText));
    }

    [Theory]
    [InlineData("plain\ttext\n", "plain\ttext\n")]
    [InlineData("\u001b[31mred\r", "\\x1b[31mred\\x0d")]
    [InlineData("c1 \u009b31m", "c1 \\x9b31m")]
    public void PlainText_OfControlCharacters_ShowsThem(string text, string shown) => Assert.Equal(shown, PlainText.Of(text));

    [Fact]
    public void PlainText_OfHalfACharacter_ShowsThatOneIsMissing() =>
        Assert.Equal("lone \ufffd half, whole \ud83d\ude00", PlainText.Of("lone \ud83d half, whole \ud83d\ude00"));

    [Fact]
    public async Task Events_FileBegunAnewAllTheTime_NeverFailsTheReader()
    {
        string file = Path.GetTempFileName();
        EventReader reader = new(file);
        Task writing = Task.Run(() =>
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            byte[] lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"progress\": 0.5}\n", 40)));
            for (int i = 0; i < 20_000; i++)
            {
                if (i % 3 == 0)
                    stream.SetLength(0);
                stream.Position = stream.Length;
                stream.Write(lines);
            }
        }, TestContext.Current.CancellationToken);
        int read = 0;
        while (!writing.IsCompleted)
            read += reader.Read().Count();
        await writing;

        Assert.True(read > 0);
        File.Delete(file);
    }

    [Fact]
    public void Events_FileBegunAnew_AreReadFromItsBeginning()
    {
        string file = Path.GetTempFileName();
        EventReader reader = new(file);
        File.WriteAllText(file, "{\"progress\": 0.1}\n{\"progress\": 0.2}\n{\"prog");
        Assert.Equal([0.1, 0.2], reader.Read().Select(message => message.GetProperty("progress").GetDouble()));
        File.AppendAllText(file, "ress\": 0.3}\n");
        Assert.Equal([0.3], reader.Read().Select(message => message.GetProperty("progress").GetDouble()));

        File.WriteAllText(file, "{\"progress\": 0.4}\n");

        Assert.Equal([0.4], reader.Read().Select(message => message.GetProperty("progress").GetDouble()));
        File.Delete(file);
    }
}
