using System.IO.Compression;
using System.Text;

namespace Essaim.Sandbox.Tests;

public sealed class ArchiveTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task Archive_OfModules_RunsItsMain()
    {
        RunRequest request = Request(
            ("main.py", "from parts.beam import bend\nimport multiprocessing\n\ndef main(load: float):\n    with multiprocessing.get_context('spawn').Pool(1) as pool:\n        return pool.map(bend, [load])[0]"),
            ("parts/__init__.py", ""),
            ("parts/beam.py", "def bend(load):\n    return load * 2"));

        Outcome outcome = await sandbox.Executor.RunAsync(request with { Texts = new Dictionary<string, string> { ["load"] = "4" } });

        Assert.Equal((EndReason.Ok, "8.0"), (outcome.End.Reason, outcome.End.Result?.GetRawText()));
    }

    [Fact]
    public async Task Archive_WhoseModuleFails_NamesTheLines()
    {
        Outcome outcome = await sandbox.Executor.RunAsync(Request(("main.py", "import helper\n\ndef main():\n    helper.fail()"), ("helper.py", "def fail():\n    raise ValueError('no')")));

        Assert.Equal("main.py:4: ValueError: no", outcome.End.Message);
        Assert.Contains("helper.py\", line 2, in fail\n", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Archive_WithoutMain_IsRefused()
    {
        Outcome outcome = await sandbox.Executor.RunAsync(Request(("other.py", "pass")));

        Assert.StartsWith("the archive has no readable main.py at its top", Assert.Single(outcome.End.Refused).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Archive_ThatUnpacksToMuch_IsContained()
    {
        Outcome outcome = await sandbox.Executor.RunAsync(Request(("main.py", new string(' ', 400 << 20))) with { Limits = new RunLimits { Memory = 128 << 20 } });

        Assert.Contains(outcome.End.Reason, (EndReason[])[EndReason.Oom, EndReason.Error]);
    }

    private static RunRequest Request(params (string Name, string Text)[] files)
    {
        using MemoryStream bytes = new();
        using (ZipArchive archive = new(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, string text) in files)
            {
                using Stream entry = archive.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return new RunRequest("solver.zip", bytes.ToArray()) { Limits = new RunLimits { Time = TimeSpan.FromSeconds(60) } };
    }
}
