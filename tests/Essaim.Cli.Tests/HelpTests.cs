namespace Essaim.Cli.Tests;

public sealed class HelpTests
{
    [Theory]
    [InlineData("")]
    [InlineData("up")]
    [InlineData("worker")]
    [InlineData("send")]
    [InlineData("call")]
    [InlineData("result")]
    [InlineData("tasks")]
    [InlineData("tasks show")]
    [InlineData("tasks cancel")]
    [InlineData("queues")]
    [InlineData("purge")]
    [InlineData("schedule")]
    [InlineData("schedule list")]
    [InlineData("schedule add")]
    [InlineData("schedule remove")]
    [InlineData("schedule pause")]
    [InlineData("schedule resume")]
    [InlineData("schedule next")]
    [InlineData("doctor")]
    [InlineData("version")]
    [InlineData("completion")]
    public async Task Help_OfVerb_ReadsAsApproved(string verb)
    {
        string[] words = verb.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        CliResult help = await CliRun.RunAsync(AppContext.BaseDirectory, [.. words, "--help"]);
        Assert.Equal((ExitCodes.Ok, ""), (help.ExitCode, help.Errors));
        Approval.Check(string.Join('-', ["help", .. words]), help.Output);
    }
}
