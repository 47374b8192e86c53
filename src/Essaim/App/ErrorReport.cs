namespace Essaim;

/// <summary>Turns an error into one sentence on stderr and an exit code.</summary>
internal static class ErrorReport
{
    public static int Write(string program, Exception error, bool interrupted)
    {
        if (Environment.GetEnvironmentVariable("ESSAIM_DEBUG") == "1")
            Console.Error.WriteLine(error);
        if (error is OperationCanceledException && interrupted)
            return ExitCodes.Interrupted;
        (string code, string text, int exitCode) = Describe(error);
        Console.Error.WriteLine($"{program}: {code}: {text}");
        return exitCode;
    }

    private static (string Code, string Text, int ExitCode) Describe(Exception error) => error switch
    {
        AppException app => (app.Code, app.Message, app.ExitCode),
        TaskFailedException or TaskRevokedException => (((EssaimException)error).Code, error.Message, ExitCodes.Failed),
        TaskResultTimeoutException timeout => (timeout.Code, timeout.Message, ExitCodes.Timeout),
        EssaimException known => (known.Code, known.Message, ExitCodes.Unusable),
        UnauthorizedAccessException or IOException => ("ESS4002", error.Message, ExitCodes.Unusable),
        _ => ("ESS4000", $"{error.GetType().Name}: {error.Message} This is a mistake in the program; ESSAIM_DEBUG=1 shows where.", ExitCodes.Internal),
    };
}
