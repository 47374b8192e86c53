using System.Diagnostics;

namespace Essaim.Tests.Workers;

public sealed class ChildProcessExecutorTests : IAsyncLifetime
{
    private readonly RecordingListener _heard = new();
    private ChildProcessExecutor _child = null!;

    public async ValueTask InitializeAsync() => _child = await StartAsync(ChildLaunch.OfThisProgram());

    public async ValueTask DisposeAsync() => await _child.DisposeAsync();

    [Fact]
    public async Task Run_TaskThatEnds_TellsItsOutcome()
    {
        _child.Run(Script.Request("echo", "hällo ✓"));

        TaskOutcome outcome = await _heard.NextAsync<TaskOutcome>("ended");

        Assert.Equal("hällo ✓:1", outcome.Result.Deserialize<string>());
    }

    [Fact]
    public async Task Run_FailedTask_CarriesItsWholeError()
    {
        _child.Run(Script.Request("fail", "no"));

        TaskOutcome outcome = await _heard.NextAsync<TaskOutcome>("ended");

        Assert.Equal((OutcomeKind.Failure, "ValueError('no')", "builtins", "trace"), (outcome.Kind, outcome.Error!.ToRepr(), outcome.Error.Module, outcome.Traceback));
    }

    [Fact]
    public async Task Run_LargeEnvelope_PassesThePipe()
    {
        string large = new('x', 3_000_000);
        _child.Run(Script.Request("echo", large));

        TaskOutcome outcome = await _heard.NextAsync<TaskOutcome>("ended");

        Assert.Equal(large + ":1", outcome.Result.Deserialize<string>());
    }

    [Fact]
    public async Task Run_TaskThatPrints_LinesAreItsLogAndComeBeforeItsEnd()
    {
        _child.Run(Script.Request("print", "one\ntwo"));

        Assert.Equal(["stdout: one", "stdout: two", "stderr: to stderr", "ended"], await _heard.UntilAsync("ended"));
    }

    [Fact]
    public async Task Run_ProgramThatPrintsFrames_LinesAreTheTasksLogAndTheChannelStays()
    {
        // What would be frames, written to the process's own stdout by a program the task starts.
        _child.Run(Script.Request("rawprint", @"\001\000\000\000\005X\nplain"));
        List<string> first = await _heard.UntilAsync("ended");
        _child.Run(Script.Request("echo", "still here"));

        Assert.Equal(["stderr: err", "stdout: \u0001\0\0\0\u0005X", "stdout: plain"], first[..^1].Order(StringComparer.Ordinal));
        Assert.Equal("still here:1", (await _heard.NextAsync<TaskOutcome>("ended")).Result.Deserialize<string>());
    }

    [Fact]
    public async Task Recall_TasksBehindOneThatRuns_GivesBackThoseOnly()
    {
        ExecutionRequest running = Script.Request("wait");
        _child.Run(Script.Request("print", "begun"));
        _child.Run(running);
        _child.Run(Script.Request("noop"));
        _child.Run(Script.Request("noop"));
        await _heard.NextAsync<TaskOutcome>("ended");
        // The first task's end says that the channel works; whether the second has begun by now does not matter to what comes back, but for the count.
        _child.Recall();

        int count = await _heard.NextAsync<int>("recalled");

        Assert.InRange(count, 2, 3);
    }

    [Fact]
    public async Task Cancel_RunningTask_ItsTokenIsCancelledWithTheReason()
    {
        ExecutionRequest request = Script.Request("spawn");
        _child.Run(request);
        await _heard.NextAsync<string>("log");

        _child.Cancel(request, CancelReason.SoftTimeLimit);

        Assert.Equal("Stopped('SoftTimeLimit')", (await _heard.NextAsync<TaskOutcome>("ended")).Error!.ToRepr());
    }

    [Fact]
    public async Task Cancel_BeforeTheChildHasTakenTheTask_IsNotLost()
    {
        ExecutionRequest request = Script.Request("wait");
        _child.Run(request);
        _child.Cancel(request, CancelReason.SoftTimeLimit);

        Assert.Equal("Stopped('SoftTimeLimit')", (await _heard.NextAsync<TaskOutcome>("ended")).Error!.ToRepr());
    }

    [Fact]
    public async Task Cancel_TaskThatIsNotRunning_DoesNothing()
    {
        ExecutionRequest first = Script.Request("noop");
        _child.Run(first);
        await _heard.NextAsync<TaskOutcome>("ended");
        _child.Cancel(first, CancelReason.Revoked);
        _child.Run(Script.Request("echo", "untouched"));

        Assert.Equal("untouched:1", (await _heard.NextAsync<TaskOutcome>("ended")).Result.Deserialize<string>());
    }

    [Fact]
    public async Task Kill_TaskWithAGrandchild_BothAreGone()
    {
        _child.Run(Script.Request("spawn"));
        int grandchild = int.Parse((await _heard.NextAsync<string>("log"))["info: ".Length..], System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(Processes.IsAlive(grandchild));

        _child.Kill(EndCause.Operator, now: true);

        Assert.Equal(EndCause.Operator, await _heard.NextAsync<EndCause>("lost"));
        await RunningWorker.UntilAsync(() => !Processes.IsAlive(grandchild));
    }

    [Fact]
    public async Task Kill_NotNow_ChildEndsAtOnceAndItsProgramsGetSigterm()
    {
        // A grace longer than the test: whoever waits for its end is found out.
        ChildLimits patient = new() { KillGrace = TimeSpan.FromMinutes(10) };
        string word = Path.Combine(Directory.CreateTempSubdirectory().FullName, "word");
        RecordingListener heard = new();
        await using ChildProcessExecutor child = await ChildProcessExecutor.StartAsync(
            ChildLaunch.OfThisProgram(), patient, heard, TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken);
        child.Run(Script.Request("heedful", word));
        await RunningWorker.UntilAsync(() => File.Exists(word + ".begun"));

        child.Kill(EndCause.Revoked, now: false);

        Assert.Equal(EndCause.Revoked, await heard.NextAsync<EndCause>("lost"));
        await RunningWorker.UntilAsync(() => File.Exists(word));
    }

    [Theory]
    [InlineData("die", "crash(SIGKILL)", "was killed by SIGKILL")]
    [InlineData("exit", "crash(exit 3)", "exited with code 3")]
    [InlineData("crash", "crash(SIGSEGV)", "was killed by SIGSEGV")]
    [InlineData("overflow", "crash(SIGABRT)", "was killed by SIGABRT")]
    public async Task Run_TaskThatEndsItsProcess_SaysHow(string task, string word, string sentence)
    {
        _child.Run(Script.Request(task));

        EndCause cause = await _heard.NextAsync<EndCause>("lost");

        Assert.Equal((EndKind.Crash, word, sentence), (cause.Kind, cause.Word, cause.Sentence));
    }

    [Fact]
    public async Task Start_ProgramThatIsNoChild_SaysItsLastWords()
    {
        ChildLaunch launch = new("/bin/sh", ["-c", "echo no such file >&2; exit 7"], new Dictionary<string, string?>());

        ChildStartException failure = await Assert.ThrowsAsync<ChildStartException>(() => StartAsync(launch));

        Assert.Matches(@"^The child process \d+ exited with code 7 before it was ready\. Its last words:\n  no such file$", failure.Message);
    }

    [Fact]
    public async Task Start_ProgramThatDoesNotExist_SaysSo()
    {
        ChildLaunch launch = new("/no/such/program", [], new Dictionary<string, string?>());

        ChildStartException failure = await Assert.ThrowsAsync<ChildStartException>(() => StartAsync(launch));

        Assert.StartsWith("The program '/no/such/program' could not be started: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ParentKilled_TaskAndItsGrandchildRunning_BothEnd()
    {
        using Process parent = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ParentRole.Verb) { RedirectStandardOutput = true })!;
        string[] ids = (await parent.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!.Split(' ');
        int[] alive = [.. ids.Select(int.Parse)];
        Assert.All(alive, id => Assert.True(Processes.IsAlive(id)));

        parent.Kill();

        await RunningWorker.UntilAsync(() => !alive.Any(Processes.IsAlive));
    }

    [Fact]
    public async Task ChannelEnds_RightAfterATaskWasHandedOver_ChildEnds()
    {
        using FrameBuffer frame = new();
        ExecutionRequest request = Script.Request("deaf");
        frame.PutFrame(new RunFrame(1, 1, null, null, request.Envelope));
        byte[] bytes = frame.Written.ToArray();
        for (int round = 0; round < 20; round++)
        {
            using ChildProcess child = ChildProcess.Start(ChildLaunch.OfThisProgram());
            await child.Input.WriteAsync(bytes, TestContext.Current.CancellationToken);
            child.Input.Dispose();

            await RunningWorker.UntilAsync(() => !Processes.IsAlive(child.Id));
        }
    }

    private Task<ChildProcessExecutor> StartAsync(ChildLaunch launch) => ChildProcessExecutor.StartAsync(
        launch, new ChildLimits(), _heard, TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken);
}
