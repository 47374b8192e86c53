using System.Runtime.CompilerServices;
using Essaim.Edge.Tests;
using Essaim.Web.Tests;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace Essaim.Web.Tests;

/// <summary>Debian's Chromium, one for all tests; each test has a window of its own.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] s_arguments =
        ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    /// <summary>What has not come by then does not come: a test that waits for it fails, milliseconds.</summary>
    public const int Patience = 180_000;

    private IPlaywright? _playwright;

    public const string Missing = "chromium is not installed (Debian: apt-get install chromium)";

    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .SelectMany(folder => (string[])[Path.Combine(folder, "chromium"), Path.Combine(folder, "chromium-browser"), Path.Combine(folder, "google-chrome")]).FirstOrDefault(File.Exists);

    /// <summary>In CI both always count as there, so that their absence is a failure.</summary>
    public static bool IsUsable => Installed.IsUsable && (Environment.GetEnvironmentVariable("CI") == "true" || Program is not null);

    public IBrowser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (!IsUsable)
            return;
        // Long enough for fifteen seconds of silence to count, on a busy machine.
        Assertions.SetDefaultExpectTimeout(45_000);
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Program ?? throw new InvalidOperationException(Missing), Args = s_arguments });
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
            await Browser.DisposeAsync();
        _playwright?.Dispose();
    }
}

/// <summary>Needs Chromium and Mosquitto: a named skip without them, a failure in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        Timeout = Chromium.Patience;
        Skip = Chromium.Missing + ", or " + Installed.Missing;
        SkipUnless = nameof(Chromium.IsUsable);
        SkipType = typeof(Chromium);
    }
}

/// <inheritdoc cref="BrowserFactAttribute" />
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        Timeout = Chromium.Patience;
        Skip = Chromium.Missing + ", or " + Installed.Missing;
        SkipUnless = nameof(Chromium.IsUsable);
        SkipType = typeof(Chromium);
    }
}
