using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim;

/// <summary>Can the broker be opened, does it answer, can it be written to?</summary>
internal static class BrokerCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async ValueTask<DoctorFinding> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (FileOf(context.BrokerUrl) is { } file && !File.Exists(file))
        {
            return new DoctorFinding(
                "broker", DoctorStatus.Warn, $"{file} does not exist yet", $"'{context.Definition.Name} worker' makes it; or name another broker with --broker URL");
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await using IBackend backend = await Backend.OpenAsync(
                context.BrokerUrl, new BackendContext(TimeProvider.System, NullLoggerFactory.Instance), limit.Token);
            BackendHealth health = await backend.CheckAsync(limit.Token);
            return health.Healthy
                ? new DoctorFinding("broker", DoctorStatus.Ok, $"{backend.DisplayUrl}: {health.Detail}")
                : new DoctorFinding("broker", DoctorStatus.Fail, backend.DisplayUrl, health.Detail);
        }
        catch (EssaimException error)
        {
            return new DoctorFinding("broker", DoctorStatus.Fail, error.Code, error.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new DoctorFinding("broker", DoctorStatus.Fail, "no answer in 10 s", "Check that it runs and that its address is right");
        }
    }

    /// <summary>Where the broker's file lies, or this folder.</summary>
    public static string FolderOf(string url)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(FileOf(url) ?? "."));
        while (folder is not null && !Directory.Exists(folder))
            folder = Path.GetDirectoryName(folder);
        return folder ?? "/";
    }

    private static string? FileOf(string url) => url.StartsWith("sqlite:", StringComparison.Ordinal) ? url["sqlite:".Length..].Split('?')[0] : null;
}
