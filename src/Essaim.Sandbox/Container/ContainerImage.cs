using System.Text.Json;

namespace Essaim.Sandbox;

/// <summary>An image on this machine.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Settings">Environment variables it comes with, as <c>NAME=VALUE</c>.</param>
internal sealed record ContainerImage(string Id, IReadOnlyList<string> Settings)
{
    /// <summary>Finds it; null where it is not here.</summary>
    /// <exception cref="SandboxException"><c>ESS6001</c> the command does not work; the text says why.</exception>
    public static async Task<ContainerImage?> FindAsync(ContainerTool tool, string name, CancellationToken cancellationToken)
    {
        (int code, string output, string errors) = await tool.RunAsync(cancellationToken, "image", "inspect", "--format", "{{.Id}} {{json .Config.Env}}", Bare(tool, name));
        if (code == 0)
        {
            string[] parts = output.Split(' ', 2);
            return new ContainerImage(parts[0], JsonSerializer.Deserialize<string[]>(parts[1]) ?? []);
        }

        if (errors.Contains("no such", StringComparison.OrdinalIgnoreCase) || errors.Contains("not known", StringComparison.OrdinalIgnoreCase))
            return null;
        throw new SandboxException("ESS6001", ContainerDiagnosis.Explain(LastLine(errors)));
    }

    /// <summary>Finds it, and fetches it first where it is not here and has a place it can be fetched from.</summary>
    public static async Task<ContainerImage> GetAsync(ContainerTool tool, ContainerOptions options, CancellationToken cancellationToken)
    {
        if (await FindAsync(tool, options.Image, cancellationToken) is { } here)
            return here;
        if (options.IsLocal)
            throw new SandboxException("ESS6033", $"There is no image {options.Image} on this machine. Load it ({Path.GetFileName(tool.Program)} load), or name one by its digest.");
        (int code, _, string errors) = await tool.RunAsync(cancellationToken, "pull", "--quiet", options.Image);
        if (code != 0)
            throw new SandboxException("ESS6033", $"The image {options.Image} is not on this machine and cannot be fetched: {LastLine(errors)}");
        return await FindAsync(tool, options.Image, cancellationToken)
            ?? throw new SandboxException("ESS6033", $"The image {options.Image} was fetched and is not there.");
    }

    /// <summary>podman knows ids without what docker puts before them.</summary>
    public static string Bare(ContainerTool tool, string name) =>
        tool.IsPodman && name.StartsWith("sha256:", StringComparison.Ordinal) ? name["sha256:".Length..] : name;

    private static string LastLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "it said nothing";
}
