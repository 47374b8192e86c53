using System.Globalization;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary>Brings a run's files to the fleet, and what it has left from there.</summary>
internal sealed class FleetFiles(CommandContext context, IFileShelf shelf, RunScreen screen)
{
    /// <summary>Puts the files of a run; returns name and content's id of each.</summary>
    /// <exception cref="EssaimException"><c>ESS6041</c>, <c>ESS6043</c>: too large, or no room; <c>ESS6003</c>: too much together.</exception>
    public async Task<IReadOnlyDictionary<string, string>> PutAsync(IReadOnlyList<InputFile> inputs, long? limit, TimeSpan timeLimit, CancellationToken cancellationToken)
    {
        long most = limit ?? new FunctionLimits().FilesOrUsual;
        FileInfo[] files = [.. inputs.Select(file => new FileInfo(file.Path))];
        // All of it is looked at before any of it is sent.
        if (files.FirstOrDefault(file => file.Length > IBlobStore.MostBytes) is { } large)
            throw BlobException.TooLarge(large.Name, large.Length);
        long total = files.Sum(file => file.Length);
        if (total > most)
        {
            throw new SandboxException("ESS6003", string.Create(
                CultureInfo.InvariantCulture,
                $"The files have {total:N0} bytes together; at most {most:N0} go to the fleet, through the broker's memory. Allow more (--files-limit), send less, or run it here (--local)."));
        }

        Dictionary<string, string> blobs = new(StringComparer.Ordinal);
        long sent = 0;
        foreach ((InputFile file, FileInfo info) in inputs.Zip(files))
        {
            ShowProgress(sent, total, $"sending {file.Name}");
            byte[] content = await File.ReadAllBytesAsync(info.FullName, cancellationToken);
            blobs[file.Name] = await shelf.PutAsync(content, timeLimit, cancellationToken);
            sent += content.Length;
        }

        return blobs;
    }

    /// <summary>Brings what a task has left to a folder, and tells what it could not.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="folder">Where to; null: they are only counted.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>How many could not be brought.</returns>
    public async Task<int> FetchAsync(string taskId, string? folder, CancellationToken cancellationToken)
    {
        if (await shelf.ListAsync(taskId, cancellationToken) is not { } leavings)
            return 0;
        int missing = 0;
        if (folder is null)
        {
            if (leavings.Artifacts.Count(artifact => artifact.Path != "result.json") is > 0 and var lost)
                Say($"it left {Count(lost)} in its output folder; --out DIR keeps them");
        }
        else
        {
            missing = await BringAsync(taskId, leavings, folder, cancellationToken);
        }

        foreach (SkippedArtifact entry in leavings.Skipped)
            Say($"not collected: {PlainText.Of(entry.Path)}: {PlainText.Of(entry.Reason)}");
        return missing;
    }

    private async Task<int> BringAsync(string taskId, TaskLeavings leavings, string folder, CancellationToken cancellationToken)
    {
        string root = Path.GetFullPath(folder);
        Directory.CreateDirectory(root);
        long total = leavings.Artifacts.Sum(artifact => artifact.Size), done = 0;
        int brought = 0;
        foreach (TaskArtifact artifact in leavings.Artifacts)
        {
            ShowProgress(done, total, $"fetching {PlainText.Of(artifact.Path)}");
            done += artifact.Size;
            if (await BringAsync(taskId, artifact, root, cancellationToken) is { } reason)
                Say($"not fetched: {PlainText.Of(artifact.Path)}: {reason}");
            else
                brought++;
        }

        if (brought > 0)
            Say($"{Count(brought)} in {folder}");
        return leavings.Artifacts.Count - brought;
    }

    /// <summary>Null where it went well; else why not.</summary>
    private async Task<string?> BringAsync(string taskId, TaskArtifact artifact, string root, CancellationToken cancellationToken)
    {
        string target = Path.GetFullPath(Path.Combine(root, artifact.Path));
        if (!target.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return "its name leads out of the folder";
        try
        {
            if (artifact.Blob is null)
                return "it was not collected: the task was sent without collect";
            if (await shelf.GetAsync(taskId, artifact, cancellationToken) is not { } content)
                return "it is not in the broker any more; run it again";
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            string half = $"{target}.part";
            await File.WriteAllBytesAsync(half, content, cancellationToken);
            File.Move(half, target, overwrite: true);
            return null;
        }
        catch (Exception fault) when (fault is EssaimException or IOException or UnauthorizedAccessException)
        {
            return fault.Message;
        }
    }

    private void ShowProgress(long done, long total, string text)
    {
        if (context.Output.IsWatched)
            screen.Show(new RunProgress(total == 0 ? 0 : (double)done / total, text));
    }

    private void Say(string text)
    {
        screen.Say($"{context.Definition.Name}: {text}");
    }

    private static string Count(int files) => $"{files} {(files == 1 ? "file" : "files")}";
}
