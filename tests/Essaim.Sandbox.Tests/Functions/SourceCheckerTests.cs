using System.IO.Compression;
using System.Text;

namespace Essaim.Sandbox.Tests;

/// <summary>Sources looked at before they are kept.</summary>
public sealed class SourceCheckerTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task Check_Function_TellsInputsImportsAndWhatIsUnsafe()
    {
        SkipWithoutBandit();
        SourceReport report = await CheckAsync("""
            import subprocess
            import numpy.linalg
            import essaim
            import no_such_thing

            def main(load: float, steps: int = 10):
                '''Deflection of a beam.'''
                try:
                    import no_luck
                except ImportError:
                    pass
                subprocess.call("echo " + str(load), shell=True)  # nosec
            """);

        Assert.Empty(report.Refused);
        Assert.Equal(
            """{"type":"object","properties":{"load":{"type":"number"},"steps":{"type":"integer","default":10}},"required":["load"],"additionalProperties":false,"description":"Deflection of a beam."}""",
            report.Inputs!.Value.GetRawText().Replace("\": ", "\":", StringComparison.Ordinal).Replace(", ", ",", StringComparison.Ordinal));
        Assert.Equal(
            [("subprocess", "standard", true, 1), ("numpy", "installed", true, 2), ("essaim", "own", true, 3), ("no_such_thing", "missing", true, 4), ("no_luck", "missing", false, 9)],
            report.Imports.Select(one => (one.Package, one.Origin, one.Sure, one.Line!.Value)));
        Assert.Null(report.Scan.Reason);
        Assert.StartsWith("bandit ", report.Scan.With, StringComparison.Ordinal);
        Assert.Equal(("B602", "high", 12), (report.Scan.Findings[0].Rule, report.Scan.Findings[0].Severity, report.Scan.Findings[0].Line));
    }

    [Theory]
    [InlineData("def main(\n    a: int\n  return a", "syntax", 1, 9)]
    [InlineData("x = 1\ndef main(a, /): pass", "input", 2, null)]
    [InlineData("'''\\ud800'''\ndef main(a='\\ud800'): pass", "syntax", null, null)]
    public async Task Check_WhatCannotBeAFunction_IsRefusedWithItsPlace(string source, string kind, int? line, int? column)
    {
        Finding finding = Assert.Single((await CheckAsync(source)).Refused);

        Assert.Equal((kind, line, column), (finding.Kind, finding.Line, finding.Column));
    }

    [Fact]
    public async Task Check_NotUtf8_IsRefusedWithItsPlace()
    {
        SourceReport report = await new SourceChecker(sandbox.Executor.Options, TimeProvider.System).CheckAsync(
            "beam.py", Encoding.Latin1.GetBytes("def main():\n    return 'café'\n"), TestContext.Current.CancellationToken);

        Finding finding = Assert.Single(report.Refused);
        Assert.Equal((2, "syntax"), (finding.Line, finding.Kind));
        Assert.Contains("can't decode byte 0xe9", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Archive_KnowsItsOwnModulesAndScansAllOfThem()
    {
        SkipWithoutBandit();
        using MemoryStream bytes = new();
        using (ZipArchive archive = new(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            Write(archive, "main.py", "import helper\ndef main(a: int):\n    return helper.twice(a)\n");
            Write(archive, "helper.py", "def twice(a):\n    return eval('a * 2')\n");
            Write(archive, "../../../tmp/out.py", "import pickle\n");
        }

        SourceReport report = await new SourceChecker(sandbox.Executor.Options, TimeProvider.System).CheckAsync("beam.zip", bytes.ToArray(), TestContext.Current.CancellationToken);

        Assert.Empty(report.Refused);
        Assert.Equal([("helper", "own")], report.Imports.Select(one => (one.Package, one.Origin)));
        Assert.Contains(report.Scan.Findings, one => one is { Rule: "B307", File: "helper.py", Line: 2 });
    }

    [Fact]
    public void Read_BanditMissingOrTooSlow_SaysThatItWasNotScanned()
    {
        RunUsage none = new(default, default, 0, 0, 0, 0);

        Assert.Equal(
            "Bandit is not installed on the core's machine. On Debian: apt-get install python3-bandit.", SourceChecker.Read(new RunEnd(EndReason.Ok, "The run ended well.", none)).Reason);
        SourceScan late = SourceChecker.Read(new RunEnd(EndReason.Timeout, "The run was ended after its time limit of 10s.", none));
        Assert.Equal((null, "Bandit did not come to its end: The run was ended after its time limit of 10s."), (late.With, late.Reason));
    }

    [Fact]
    public async Task Check_WhatSurelyMisbehaves_NeverRuns()
    {
        // At the top of the file: were it run, it would take all the time there is.
        SourceReport report = await CheckAsync("while True:\n    pass\n");

        Assert.Empty(report.Refused);
        Assert.Equal("""{"type": "object"}""", report.Inputs!.Value.GetRawText());
    }

    private static void SkipWithoutBandit() => Assert.SkipUnless(
        Environment.GetEnvironmentVariable("CI") == "true" || Directory.Exists("/usr/lib/python3/dist-packages/bandit"), "Bandit is not installed (on Debian: python3-bandit).");

    private Task<SourceReport> CheckAsync(string source) =>
        new SourceChecker(sandbox.Executor.Options, TimeProvider.System).CheckAsync("beam.py", Encoding.UTF8.GetBytes(source), TestContext.Current.CancellationToken);

    private static void Write(ZipArchive archive, string name, string content)
    {
        using StreamWriter writer = new(archive.CreateEntry(name).Open());
        writer.Write(content);
    }
}
