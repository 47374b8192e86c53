using System.Runtime.CompilerServices;

namespace Essaim.Interop.Tests;

/// <summary>A test that needs a real Redis and a real Celery. Without them it is skipped by name, but for CI, where it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class InteropFactAttribute : FactAttribute
{
    public InteropFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        Skip = Installed.Missing;
        SkipUnless = nameof(Installed.IsUsable);
        SkipType = typeof(Installed);
    }
}

/// <summary>As <see cref="InteropFactAttribute"/>, with rows of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class InteropTheoryAttribute : TheoryAttribute
{
    public InteropTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        Skip = Installed.Missing;
        SkipUnless = nameof(Installed.IsUsable);
        SkipType = typeof(Installed);
    }
}
