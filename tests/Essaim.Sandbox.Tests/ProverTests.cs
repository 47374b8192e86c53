namespace Essaim.Sandbox.Tests;

public sealed class ProverTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task Prove_ThisMachine_HoldsAndLeavesNothing()
    {
        _ = sandbox.Executor;
        string folder = Path.Combine(Path.GetTempPath(), "essaim-prove-" + Guid.NewGuid().ToString("N"));
        BubblewrapExecutor executor = BubblewrapExecutor.Open(new SandboxOptions { Folder = folder }, TimeProvider.System);

        ExecutorProof proof = await executor.ProveAsync(TestContext.Current.CancellationToken);

        Assert.True(proof.Holds, string.Join(' ', proof.Missing));
        Assert.Empty(Directory.EnumerateDirectories(executor.RunsFolder));
        Assert.True(File.Exists(Path.Combine(folder, "proof.json")));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("/a", "/b")]
    [InlineData("/srv/one", "/var/lib/essaim/sandbox")]
    public void Users_OfTwoFolders_AreOthers_BelowTheEndOfNumbers(string one, string other)
    {
        (long first, long second) = (new SandboxOptions { Folder = one }.Users, new SandboxOptions { Folder = other }.Users);

        Assert.True(Math.Abs(first - second) >= 65_536, $"{first} and {second}");
        Assert.All([first, second], user => Assert.InRange(user, 1_900_000_000, int.MaxValue - 65_536));
        Assert.Equal(7, new SandboxOptions { Folder = one, FirstUser = 7 }.Users);
    }

    [Theory]
    [InlineData("bwrap: setting up uid map: Permission denied", "AppArmor keeps bubblewrap from making user namespaces (Ubuntu 24.04 and later): add a profile for /usr/bin/bwrap that allows 'userns', see docs/functions.md. (bwrap: setting up uid map: Permission denied)")]
    [InlineData("something new", "something new")]
    public void Diagnosis_OfWhatBubblewrapSays_SaysWhatToDo(string said, string told) => Assert.Equal(told, BubblewrapDiagnosis.Explain(said));

    [Fact]
    public async Task Run_WhereBubblewrapFails_IsTheSandboxsFault()
    {
        BubblewrapExecutor executor = sandbox.Executor;
        // It is told to bind what is not there.
        RunFolder folder = new(Path.Combine(executor.RunsFolder, Guid.NewGuid().ToString("N")));
        folder.Prepare(Runs.Request(""), new RunFacts("test.py", new RunLimits(), [], false, TimeProvider.System.GetUtcNow()));
        folder.Write("spec", new ShimSpec().Add("arg", executor.Program).Add("arg", "--ro-bind").Add("arg", "/nowhere").Add("arg", "/nowhere").Add("arg", "/bin/true")
            .Add("log-limit", 4096).Add("log-tail", 4096).Add("out-limit", 65536).Add("out-files", 10).Encode());
        using System.Diagnostics.Process shim = ShimProgram.Start(executor.Kit, folder.Path);

        RunEnd end = await executor.Find(folder.Id)!.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((EndReason.Sandbox, "The sandbox could not be made: bwrap: Can't find source path /nowhere: No such file or directory."), (end.Reason, end.Message));
        await executor.Find(folder.Id)!.RemoveAsync(CancellationToken.None);
    }
}
