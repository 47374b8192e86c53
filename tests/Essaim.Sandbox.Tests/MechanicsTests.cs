using System.Text.Json;

namespace Essaim.Sandbox.Tests;

/// <summary>The functions of <c>samples/Mechanics</c>, in the sandbox, against closed forms and certified values; its README names the sources.</summary>
public sealed class MechanicsTests(SandboxFixture sandbox)
{
    private static readonly string Sample = Path.GetFullPath(Path.Combine(Tool.Sources, "../../samples/Mechanics"));

    [Theory]
    [InlineData("cantilever", 3)]
    [InlineData("simple", 48)]
    public async Task Beam_UnderOneForce_BendsAsInTheTextbook(string support, int divisor)
    {
        JsonElement result = await RunAsync("beam.py", null, "deflection.svg", ("load", "1200"), ("length", "2.5"), ("support", support));

        Assert.Equal(1200 * Math.Pow(2.5, 3) / (divisor * 210e9 * 8.36e-6), result.GetProperty("deflection").GetDouble(), 1e-10);
    }

    [Fact]
    public async Task Truss_OfThreeBars_SharesTheLoadAsTimoshenkoSays()
    {
        JsonElement result = await RunAsync("truss.py", "three-bars.json", "truss.svg", ("model", "three-bars.json"));

        double middle = 10_000 / (1 + 2 * Math.Pow(Math.Cos(Math.PI / 4), 3));
        double side = middle * Math.Pow(Math.Cos(Math.PI / 4), 2);
        double[] forces = [.. result.GetProperty("forces").EnumerateArray().Select(force => force.GetDouble())];
        Assert.Equal([side, middle, side], forces, (expected, actual) => Math.Abs(expected - actual) < 1e-6);
        Assert.All(result.GetProperty("balance").EnumerateArray(), rest => Assert.Equal(0, rest.GetDouble(), 1e-6));
    }

    [Fact]
    public async Task Modes_OfACantilever_AreBlevins()
    {
        JsonElement result = await RunAsync("modal.py", "cantilever.mesh", "modes.svg", ("mesh", "cantilever.mesh"));

        double[] roots = [1.87510407, 4.69409113, 7.85475744];
        double[] expected = [.. roots.Select(root => root * root / (2 * Math.PI) * Math.Sqrt(210e9 * 8.333e-10 / (7850 * 1e-4)))];
        double[] frequencies = [.. result.GetProperty("frequencies").EnumerateArray().Take(3).Select(frequency => frequency.GetDouble())];
        Assert.Equal(expected, frequencies, (right, measured) => Math.Abs(measured / right - 1) < 1e-3);
    }

    [Fact]
    public async Task Modes_OfAMeshWithAMistake_NameItsLine()
    {
        string mesh = Path.GetTempFileName();
        File.WriteAllText(mesh, "node a 0 0\nbeam a b\n");

        Outcome outcome = await sandbox.Executor.RunAsync(Request("modal.py", [new InputFile("wrong.mesh", mesh)], ("mesh", "wrong.mesh")));

        Assert.Equal((EndReason.Error, "ValueError", "wrong.mesh:2: no node 'b'"), (outcome.End.Reason, outcome.End.Error?.Type, outcome.End.Error?.Message));
        File.Delete(mesh);
    }

    [Fact]
    public async Task Fit_OfNistsMisra1a_GivesTheCertifiedValues()
    {
        JsonElement result = await RunAsync("fit.py", "misra1a.csv", "fit.svg", ("data", "misra1a.csv"), ("start", "[500, 0.0001]"));

        double[] certified = [2.3894212918E+02, 5.5015643181E-04];
        double[] deviations = [2.7070075241E+00, 7.2668688436E-06];
        Assert.Equal(certified, Numbers(result, "parameters"), (right, fitted) => Math.Abs(fitted / right - 1) < 1e-6);
        Assert.Equal(deviations, Numbers(result, "deviations"), (right, fitted) => Math.Abs(fitted / right - 1) < 1e-4);
        Assert.Equal(1.2455138894E-01, result.GetProperty("residual").GetDouble(), 1e-9);
    }

    [Fact]
    public async Task Heat_OfAPlate_FallsAsTheClosedForm()
    {
        JsonElement result = await RunAsync("heat.py", null, "plate.svg", ("steps", "200"), ("points", "40"));

        double expected = Math.Exp(-2 * Math.PI * Math.PI * 1.2e-5 * 60 / 0.01);
        Assert.Equal(1, result.GetProperty("middle").GetDouble() / expected, 2e-3);
    }

    [Fact]
    public async Task Heat_Cancelled_GoesOnFromItsCheckpoint()
    {
        RunRequest first = Request("heat.py", [], ("steps", "10000000"), ("seconds", "100000"), ("points", "20"));
        ISandboxRun run = await sandbox.Executor.StartAsync(first, TestContext.Current.CancellationToken);
        await foreach (RunOutput output in run.WatchAsync(0, TestContext.Current.CancellationToken))
        {
            if (output is RunProgress)
                break;
        }

        run.Cancel();
        RunEnd end = await run.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((EndReason.Cancelled, "checkpoint.npz"), (end.Reason, Assert.Single(end.Artifacts).Path));
        int done = DoneOf(await Runs.FollowAsync(run));
        string steps = (done + 50).ToString(System.Globalization.CultureInfo.InvariantCulture);
        RunRequest second = Request(
            "heat.py", [new InputFile("checkpoint.npz", Path.Combine(end.CollectedFolder!, "checkpoint.npz"))],
            ("steps", steps), ("seconds", ((done + 50) * 0.01).ToString(System.Globalization.CultureInfo.InvariantCulture)), ("points", "20"), ("checkpoint", "checkpoint.npz"));

        Outcome outcome = await sandbox.Executor.RunAsync(second);
        await run.RemoveAsync(CancellationToken.None);

        JsonElement result = outcome.End.Result!.Value;
        Assert.Equal(done + 50, result.GetProperty("steps").GetInt32());
        Assert.Equal(1, result.GetProperty("middle").GetDouble() / result.GetProperty("closed_form").GetDouble(), 0.02);
    }

    private static int DoneOf(Outcome outcome) => int.Parse(
        outcome.Outputs.OfType<RunLogLine>().Single(line => line.Level == "warning").Text.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);

    private static double[] Numbers(JsonElement result, string name) => [.. result.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];

    private static RunRequest Request(string name, IReadOnlyList<InputFile> files, params (string Name, string Text)[] inputs) =>
        new(name, File.ReadAllBytes(Path.Combine(Sample, name)))
        {
            Files = files,
            Texts = inputs.ToDictionary(input => input.Name, input => input.Text),
            Limits = new RunLimits { Time = TimeSpan.FromMinutes(5), Grace = TimeSpan.FromSeconds(30) },
        };

    private async Task<JsonElement> RunAsync(string name, string? file, string picture, params (string Name, string Text)[] inputs)
    {
        Outcome outcome = await sandbox.Executor.RunAsync(
            Request(name, file is null ? [] : [new InputFile(file, Path.Combine(Sample, file))], inputs),
            async end =>
            {
                string svg = await File.ReadAllTextAsync(Path.Combine(end.CollectedFolder!, picture));
                Assert.StartsWith("<svg", svg, StringComparison.Ordinal);
                System.Xml.Linq.XDocument.Parse(svg);
            });
        Assert.True(outcome.End.Reason == EndReason.Ok, $"{outcome.End.Message}\n{outcome.Log}");
        Assert.NotNull(outcome.End.Artifacts.Single(artifact => artifact.Path == picture).Title);
        return outcome.End.Result!.Value;
    }
}
