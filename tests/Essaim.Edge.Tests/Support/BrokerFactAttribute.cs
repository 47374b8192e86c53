using System.Runtime.CompilerServices;

namespace Essaim.Edge.Tests;

/// <summary>Needs Mosquitto: a named skip without it, a failure in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrokerFactAttribute : FactAttribute
{
    public BrokerFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        Skip = Installed.Missing;
        SkipUnless = nameof(Installed.IsUsable);
        SkipType = typeof(Installed);
    }
}

/// <inheritdoc cref="BrokerFactAttribute" />
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrokerTheoryAttribute : TheoryAttribute
{
    public BrokerTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        Skip = Installed.Missing;
        SkipUnless = nameof(Installed.IsUsable);
        SkipType = typeof(Installed);
    }
}

public static class Installed
{
    public const string Missing = "mosquitto is not installed (Debian: apt-get install mosquitto)";

    /// <summary>In CI it always counts as there, so that its absence is a failure.</summary>
    public static bool IsUsable => Environment.GetEnvironmentVariable("CI") == "true" || Mosquitto.Program is not null;
}
