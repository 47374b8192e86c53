using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Essaim.Edge.Tests;

/// <summary>The sample's night, as a user plays it: real processes, each of broker, slot and core killed once.</summary>
public sealed class EscapeRoomTests
{
#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    [BrokerFact]
    public async Task Play_MachinesLoseTheirPower_EachVoteCountsOnce()
    {
        string program = Path.Combine(Path.GetDirectoryName(Here())!, "../../../samples/EscapeRoom/bin", Configuration, "net10.0/EscapeRoom");
        using Process process = Process.Start(
            new ProcessStartInfo(Path.GetFullPath(program), ["play", "--rounds", "3", "--fast", "--format", "json"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output + await errors);
        using JsonDocument night = JsonDocument.Parse(output);
        Assert.Equal((3, 27, 0), (Number("rounds"), Number("votes"), Number("lost_or_doubled")));
        Assert.Equal(3, (await errors).Split("has lost its power").Length - 1);
        Assert.All(night.RootElement.GetProperty("verdicts").EnumerateArray(), verdict => Assert.Equal(9, verdict.GetProperty("counts").EnumerateObject().Sum(count => count.Value.GetInt32())));

        int Number(string name) => night.RootElement.GetProperty(name).GetInt32();
    }

    private static string Here([CallerFilePath] string here = "") => here;
}
