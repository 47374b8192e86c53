using System.Text.RegularExpressions;

namespace Essaim.Sandbox;

/// <summary>What an environment's containers are made of.</summary>
/// <param name="Image"><c>name@sha256:…</c>, or the id of an image that is on this machine: names alone may be another image tomorrow.</param>
internal sealed partial record ContainerOptions(string Image)
{
    /// <summary><c>podman</c> or <c>docker</c>, or the path of one. Null (default): <c>ESSAIM_CONTAINER_COMMAND</c>, else podman where it is installed, else docker.</summary>
    public string? Command { get; init; }

    /// <summary>The OCI runtime, such as <c>runsc</c> (gVisor). Null (default): <c>ESSAIM_CONTAINER_RUNTIME</c>, else the command's own.</summary>
    public string? Runtime { get; init; }

    /// <summary>The interpreter, as the image's <c>PATH</c> finds it.</summary>
    public string Python { get; init; } = "python3";

    /// <summary>The runtime is gVisor.</summary>
    public bool IsVisor => Runtime is { } runtime && Path.GetFileName(runtime).StartsWith("runsc", StringComparison.Ordinal);

    /// <summary>The image is an id, of an image nobody can fetch.</summary>
    public bool IsLocal => ImageId().IsMatch(Image);

    /// <summary>The same, with what the environment of this process says.</summary>
    public ContainerOptions WithEnvironment() => this with
    {
        Command = Command ?? Filled("ESSAIM_CONTAINER_COMMAND"),
        Runtime = Runtime ?? Filled("ESSAIM_CONTAINER_RUNTIME"),
    };

    /// <exception cref="SandboxException"><c>ESS6031</c> the image is not named by its digest.</exception>
    public void Validate()
    {
        if (!IsLocal && !ImageDigest().IsMatch(Image))
        {
            throw new SandboxException(
                "ESS6031", $"The image '{Image}' is not named by its digest. Name it as name@sha256:… (podman image inspect --format '{{{{.RepoDigests}}}}' NAME), or by its full id where it is only here.");
        }
    }

    private static string? Filled(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    [GeneratedRegex("^(sha256:)?[0-9a-f]{64}$")]
    private static partial Regex ImageId();

    [GeneratedRegex("^[a-zA-Z0-9][a-zA-Z0-9._:/-]{0,254}@sha256:[0-9a-f]{64}$")]
    private static partial Regex ImageDigest();
}
