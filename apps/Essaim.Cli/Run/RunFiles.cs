using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary>Brings collected files to where the user wants them. Files of the same name there are replaced.</summary>
internal static class RunFiles
{
    /// <returns>How many.</returns>
    public static int Keep(RunEnd end, string folder)
    {
        if (end.CollectedFolder is null)
            return 0;
        Directory.CreateDirectory(folder);
        foreach (Artifact artifact in end.Artifacts)
        {
            string target = Path.Combine(folder, artifact.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(Path.Combine(end.CollectedFolder, artifact.Path), target, overwrite: true);
        }

        return end.Artifacts.Count;
    }
}
