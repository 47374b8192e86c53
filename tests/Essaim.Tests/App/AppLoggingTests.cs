using System.Text;
using Essaim.Testing;
using Microsoft.Extensions.Logging;

namespace Essaim.Tests.App;

public sealed class AppLoggingTests
{
    private readonly MemoryStream _target = new();

    [Fact]
    public void Log_OfAnyLevel_IsOneLineEach()
    {
        ILogger logger = New(LogLevel.Trace).CreateLogger("Essaim.Worker");
        logger.Log(LogLevel.Trace, new EventId(1), "a", null, (text, _) => text);
        logger.Log(LogLevel.Debug, new EventId(2), "b", null, (text, _) => text);
        logger.Log(LogLevel.Information, new EventId(3), "two\nlines", null, (text, _) => text);
        logger.Log(LogLevel.Warning, new EventId(4), "é", null, (text, _) => text);
        logger.Log(LogLevel.Error, new EventId(5), "d", new InvalidOperationException("why"), (text, _) => text);
        logger.Log(LogLevel.Critical, new EventId(6), "e", null, (text, _) => text);

        Assert.Equal(
            """
            00:00:00.000 trce: Essaim.Worker[1] a
            00:00:00.000 dbug: Essaim.Worker[2] b
            00:00:00.000 info: Essaim.Worker[3] two lines
            00:00:00.000 warn: Essaim.Worker[4] é
            00:00:00.000 fail: Essaim.Worker[5] d System.InvalidOperationException: why
            00:00:00.000 crit: Essaim.Worker[6] e

            """,
            Text);
    }

    [Theory]
    [InlineData("Essaim.Tasks", LogLevel.Information, LogLevel.Information)]
    [InlineData("Microsoft.Hosting", LogLevel.Information, LogLevel.Warning)]
    [InlineData("Microsoft.Hosting", LogLevel.Error, LogLevel.Error)]
    public void IsEnabled_ByCategory_FromItsLevelOn(string category, LogLevel asked, LogLevel least)
    {
        ILogger logger = New(asked).CreateLogger(category);

        Assert.True(logger.IsEnabled(least));
        Assert.False(logger.IsEnabled(least - 1));
        Assert.False(logger.IsEnabled(LogLevel.None));
        logger.Log(least - 1, 0, "quiet", null, (text, _) => text);
        Assert.Equal("", Text);
    }

    [Fact]
    public void Log_OnATerminal_ColoursTheLevel()
    {
        using AppLogging logging = new(_target, LogLevel.Information, colours: true, new FakeTimeProvider());
        logging.CreateLogger("x").Log(LogLevel.Warning, 7, "careful", null, (text, _) => text);

        Assert.Equal("00:00:00.000 \u001b[33mwarn\u001b[0m: x[7] careful\n", Text);
    }

    private string Text => Encoding.UTF8.GetString(_target.ToArray());

    private AppLogging New(LogLevel least) => new(_target, least, colours: false, new FakeTimeProvider());
}
