using System.Globalization;

namespace Essaim.Sandbox.Tests;

/// <summary>A container is made by others: whoever of those that take part is gone, the run ends as it should, and nothing of it stays.</summary>
[Collection(ContainerTestGroup.Name)]
public sealed class ContainerLifeTests(ContainerFixture containers)
{
    private const string Checkpoint = """
        import signal, sys, time
        def save(*_):
            with open("checkpoint", "w") as file:
                file.write("step 7")
            sys.exit(0)
        signal.signal(signal.SIGTERM, save)
        print("ready")
        time.sleep(3600)
        """;

    private const string Stubborn = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('ready')\nwhile True: time.sleep(60)";

    private ContainerExecutor Executor { get; } = containers.Executor;

    [Fact]
    public async Task Cancel_WithGrace_LetsItSave_AndEndsWhoRefuses()
    {
        ISandboxRun saving = await Executor.StartReadyAsync(Checkpoint);
        ISandboxRun refusing = await Executor.StartReadyAsync(Stubborn);

        saving.Cancel();
        refusing.Cancel();
        RunEnd[] ends = await Task.WhenAll(saving.WaitAsync(TestContext.Current.CancellationToken), refusing.WaitAsync(TestContext.Current.CancellationToken));

        Assert.Equal((EndReason.Cancelled, "checkpoint"), (ends[0].Reason, Assert.Single(ends[0].Artifacts).Path));
        Assert.Equal(EndReason.Cancelled, ends[1].Reason);
        await RemoveAsync(saving, refusing);
    }

    [Fact]
    public async Task Remove_WhileItIsBeingMade_LeavesNothing()
    {
        ISandboxRun run = await Executor.StartAsync(Runs.Request("print(1)"), TestContext.Current.CancellationToken);

        await RemoveAsync(run);
    }

    [Fact]
    public async Task Find_ByAnotherWorker_GoesOnAndCollects()
    {
        ISandboxRun run = await Executor.StartReadyAsync("import time\nprint('ready')\nwhile not __import__('os').path.exists('/in/go'): time.sleep(0.02)\nopen('kept', 'w').write('x')");
        ISandboxRun found = ((IExecutor)containers.Sandbox.Executor).Find(run.Id)!;

        File.WriteAllText(Path.Combine(((HeldRun)found).RunFolder, "in", "go"), "");
        Outcome outcome = await Runs.FollowAsync(found);

        Assert.Equal((EndReason.Ok, "ready\n", "kept"), (outcome.End.Reason, outcome.Out, Assert.Single(outcome.End.Artifacts).Path));
        await RemoveAsync(found);
    }

    [Fact]
    public async Task Shim_Killed_TakesTheContainerWithIt()
    {
        ISandboxRun run = await Executor.StartReadyAsync(Stubborn);

        Posix.Kill(((HeldRun)run).ShimProcess, Posix.SigKill);
        RunEnd end = await run.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(EndReason.Lost, end.Reason);
        // By itself: nobody has removed it yet.
        await EmptyAsync(run.Id);
        await RemoveAsync(run);
    }

    [Fact]
    public async Task Container_RemovedByAnOperator_IsLost()
    {
        ISandboxRun run = await Executor.StartReadyAsync(Stubborn);

        (int code, _, string errors) = await ContainerTool.RunAsync(ContainerCommand.Remover(Executor.Tool, ContainerCommand.NameOf(Executor.Prefix, run.Id)), TestContext.Current.CancellationToken);
        RunEnd end = await run.WaitAsync(TestContext.Current.CancellationToken);

        Assert.True(code == 0, errors);
        Assert.Equal((EndReason.Lost, "Something else ended the container of the run. Run it again."), (end.Reason, end.Message));
        await RemoveAsync(run);
    }

    [Fact]
    public async Task Command_Killed_LeavesNoContainer()
    {
        ISandboxRun run = await Executor.StartReadyAsync(Stubborn);
        string children = GroupFile.Read($"/proc/{((HeldRun)run).ShimProcess}/task/{((HeldRun)run).ShimProcess}/children");
        int command = children.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))
            .First(id => GroupFile.Read($"/proc/{id}/cmdline").Contains(ContainerFixture.Command + "\0", StringComparison.Ordinal) && GroupFile.Read($"/proc/{id}/cmdline").Contains("\0run\0", StringComparison.Ordinal));

        Posix.Kill(command, Posix.SigKill);
        RunEnd end = await run.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(EndReason.Lost, end.Reason);
        await RemoveAsync(run);
    }

    [Fact]
    public async Task Runs_AtOnce_HaveUsersOfTheirOwn()
    {
        Outcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => Executor.RunAsync($"import os, time\nprint(os.getuid())\nimport pwd\nassert pwd.getpwuid(os.getuid()).pw_name == 'task'")));

        Assert.All(outcomes, outcome => Assert.True(outcome.End.Reason == EndReason.Ok, outcome.End.Message));
        if (Environment.IsPrivilegedProcess)
            Assert.All(outcomes, outcome => Assert.InRange(long.Parse(outcome.Out, CultureInfo.InvariantCulture), Executor.Options.Users, Executor.Options.Users + 65_536));
    }

    [Fact]
    public async Task Image_WithoutTheInterpreter_IsTheSandboxsFaultAndNotOffered()
    {
        ContainerExecutor executor = ContainerExecutor.Open(Executor.Options, new ContainerOptions(containers.Image) { Command = ContainerFixture.Command, Python = "python9" }, TimeProvider.System);

        Outcome outcome = await executor.RunAsync("print(1)");
        ExecutorProof proof = await executor.ProveAsync(TestContext.Current.CancellationToken);

        Assert.Equal((EndReason.Sandbox, "The sandbox could not be made: python9: No such file or directory."), (outcome.End.Reason, outcome.End.Message));
        Assert.False(proof.Holds);
    }

    [Fact]
    public async Task Image_ThatIsNotHere_IsNotOffered()
    {
        string image = new('0', 64);
        ContainerExecutor executor = ContainerExecutor.Open(Executor.Options, new ContainerOptions(image) { Command = ContainerFixture.Command }, TimeProvider.System);

        ExecutorProof proof = await executor.ProveAsync(TestContext.Current.CancellationToken);

        Assert.Equal($"There is no image {image} on this machine. Load it ({ContainerFixture.Command} load), or name one by its digest.", Assert.Single(proof.Missing));
    }

    [Fact]
    public async Task Visor_ByDocker_IsNotOffered()
    {
        string docker = Path.Combine(Executor.Options.Folder, "docker");
        await File.WriteAllTextAsync(docker, "", TestContext.Current.CancellationToken);
        ContainerExecutor executor = ContainerExecutor.Open(Executor.Options, new ContainerOptions(containers.Image) { Command = docker, Runtime = "runsc" }, TimeProvider.System);

        ExecutorProof proof = await executor.ProveAsync(TestContext.Current.CancellationToken);

        Assert.Equal("docker does not say when gVisor ran out of memory: have podman run it (command: podman, or ESSAIM_CONTAINER_COMMAND).", Assert.Single(proof.Missing));
        Assert.False(proof.Holds);
    }

    private async Task RemoveAsync(params ISandboxRun[] runs)
    {
        foreach (ISandboxRun run in runs)
        {
            await run.RemoveAsync(CancellationToken.None);
            await Runs.AssertGoneAsync(Executor, run.Id);
        }
    }

    private async Task EmptyAsync(string id)
    {
        while ((await Executor.Tool.RunAsync(TestContext.Current.CancellationToken, "ps", "--format", "{{.Names}}")).Output.Contains(id, StringComparison.Ordinal))
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
    }
}

/// <summary>What is said before there is a container.</summary>
public sealed class ContainerOptionsTests
{
    [Theory]
    [InlineData("python:3.12")]
    [InlineData("python@sha256:12")]
    [InlineData("--privileged@sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    public void Image_NotByItsDigest_IsRefused(string image)
    {
        SandboxException refused = Assert.Throws<SandboxException>(new ContainerOptions(image).Validate);

        Assert.Equal("ESS6031", refused.Code);
        Assert.Equal($"The image '{image}' is not named by its digest. Name it as name@sha256:… (podman image inspect --format '{{{{.RepoDigests}}}}' NAME), or by its full id where it is only here.", refused.Message);
    }

    [Theory]
    [InlineData("runsc", false, "gVisor must have its control group: not --ignore-cgroups.")]
    [InlineData(null, true, "The container has no memory controller: is the kernel's on (cgroup_enable=memory on a Raspberry Pi), and, without root, delegated (Delegate=memory)?")]
    public void Memory_NotHeld_SaysWhatToDo(string? runtime, bool secondGroups, string said) =>
        Assert.Equal(said, ContainerDiagnosis.Memory(new ContainerOptions("") { Runtime = runtime }, secondGroups));

    [Fact]
    public void Command_ThatIsNotHere_IsToldByName()
    {
        SandboxException refused = Assert.Throws<SandboxException>(() => ContainerTool.Find(new ContainerOptions("") { Command = "pod9" }, secondGroups: false));

        Assert.Equal(("ESS6032", "There is no pod9 on this machine; containers cannot be run without it. Install it, or name another (ESSAIM_CONTAINER_COMMAND)."), (refused.Code, refused.Message));
    }
}
