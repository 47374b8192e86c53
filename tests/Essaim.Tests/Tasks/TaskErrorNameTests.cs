using Essaim.Protocol;
using Essaim.Testing;

namespace Essaim.Tests.Tasks;

public sealed class TaskErrorNameTests
{
    [TaskErrorName("mail.errors.Bounced")]
    private class BouncedException(string message) : Exception(message);

    private sealed class HardBounceException(string message) : BouncedException(message);

    [TaskErrorName("LookupError")]
    private sealed class UnknownAddressException(string message) : Exception(message);

    private sealed class OwnArgumentException(string message) : ArgumentException(message);

    public static TheoryData<Exception, string, string> Names => new()
    {
        { new ArgumentException("no"), "builtins", "ValueError" },
        { new ArgumentNullException(null, "no"), "builtins", "ValueError" },
        { new ArgumentOutOfRangeException(null, "no"), "builtins", "ValueError" },
        { new FormatException("no"), "builtins", "ValueError" },
        { new KeyNotFoundException("no"), "builtins", "KeyError" },
        { new TimeoutException("no"), "builtins", "TimeoutError" },
        { new NotImplementedException("no"), "builtins", "NotImplementedError" },
        { new DivideByZeroException("no"), "builtins", "ZeroDivisionError" },
        { new OverflowException("no"), "builtins", "OverflowError" },
        { new UnauthorizedAccessException("no"), "builtins", "PermissionError" },
        { new FileNotFoundException("no"), "builtins", "FileNotFoundError" },
        { new DirectoryNotFoundException("no"), "builtins", "FileNotFoundError" },
        { new EndOfStreamException("no"), "builtins", "EOFError" },
        { new IOException("no"), "builtins", "OSError" },
        { new InvalidOperationException("no"), "System", "InvalidOperationException" },
        { new OwnArgumentException("no"), "Essaim.Tests.Tasks", "TaskErrorNameTests.OwnArgumentException" },
        { new BouncedException("no"), "mail.errors", "Bounced" },
        { new HardBounceException("no"), "mail.errors", "Bounced" },
        { new UnknownAddressException("no"), "builtins", "LookupError" },
    };

    [Theory]
    [MemberData(nameof(Names), DisableDiscoveryEnumeration = true)]
    public async Task Failure_WithException_HasTheNamePythonKnows(Exception thrown, string module, string name)
    {
        await using TaskTestHost host = new(services => services.AddTask("fail", int () => throw thrown));

        TaskRun run = await host.RunAsync("fail", stop: TestContext.Current.CancellationToken);

        Assert.Equal(ExceptionDocument.Of(name, "no", module), run.Error);
    }
}
