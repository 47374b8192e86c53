using System.Text.RegularExpressions;

namespace Essaim.Sandbox;

/// <summary>How an environment's runs are locked in.</summary>
internal enum ExecutorKind
{
    /// <summary>Namespaces around a tree of this machine.</summary>
    Bubblewrap,

    /// <summary>An image, by podman or docker.</summary>
    Container,

    /// <summary>Not at all: limits only, for trusted code.</summary>
    Process,
}

/// <summary>What a function runs in, by the name its users call it.</summary>
/// <param name="Name">Small letters, digits, dot, dash and underscore.</param>
/// <param name="Kind">How it is locked in.</param>
internal sealed partial record SandboxEnvironment(string Name, ExecutorKind Kind)
{
    /// <summary>Debian's Python.</summary>
    public const string Usual = "python";

    /// <summary>What every machine may have: this Debian's Python, and the same where numpy and scipy are there.</summary>
    public static readonly IReadOnlyList<SandboxEnvironment> BuiltIn =
    [
        new(Usual, ExecutorKind.Bubblewrap),
        new("python-sci", ExecutorKind.Bubblewrap) { Needs = ["numpy", "scipy"] },
    ];

    /// <summary>Of a container: <c>name@sha256:…</c>, or an id.</summary>
    public string? Image { get; init; }

    /// <summary>Of a container: the runtime, such as <c>runsc</c>; null: as usual.</summary>
    public string? Runtime { get; init; }

    /// <summary>Of a container: <c>podman</c> or <c>docker</c>; null: as usual.</summary>
    public string? Command { get; init; }

    /// <summary>The interpreter; null: <c>/usr/bin/python3</c>, in a container <c>python3</c>.</summary>
    public string? Python { get; init; }

    /// <summary>Of bubblewrap: a folder whose <c>usr</c> is seen instead of this machine's; null: <c>/</c>.</summary>
    public string? Root { get; init; }

    /// <summary>Packages that must be there.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>The label of a node that offers it.</summary>
    public string Label => LabelOf(Name);

    /// <summary>The label of nodes that offer an environment.</summary>
    public static string LabelOf(string name) => "env." + name;

    /// <summary>It can be the name of one.</summary>
    public static bool IsName(string name) => NamePattern().IsMatch(name);

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]{0,62}$")]
    private static partial Regex NamePattern();
}
