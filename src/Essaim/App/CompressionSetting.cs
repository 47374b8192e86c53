using System.CommandLine;

namespace Essaim;

/// <summary>
/// From which size on the messages of this program are compressed: <c>--compress-above</c>, else <c>ESSAIM_COMPRESS_ABOVE</c>, else what the
/// program itself set. The command line travels by the variable, so that a worker's children have it too.
/// </summary>
internal static class CompressionSetting
{
    private const string Variable = "ESSAIM_COMPRESS_ABOVE";

    public static Option<long?> Option() =>
        SizeText.Option("--compress-above", "Compress messages whose arguments are larger [default: never]");

    /// <summary>Takes over what the command line says.</summary>
    public static void Use(long? size)
    {
        if (size is { } bytes)
            Environment.SetEnvironmentVariable(Variable, FormattableString.Invariant($"{bytes}"));
    }

    /// <exception cref="AppException"><c>ESS4001</c>: the variable is no size.</exception>
    public static void Apply(TaskClientOptions options)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } text)
            return;
        long size = SizeText.TryParse(text)
            ?? throw new AppException("ESS4001", $"{Variable} is '{text}', which is not a size. Write bytes (8192), or 8k, 512M, 2G.");
        options.CompressAbove = (int)Math.Min(size, int.MaxValue);
    }
}
