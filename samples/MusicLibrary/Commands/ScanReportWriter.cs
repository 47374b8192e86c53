using System.Globalization;
using Essaim;

namespace MusicLibrary;

/// <summary>Writes the closing report for people or as JSON.</summary>
internal static class ScanReportWriter
{
    public static void Write(CommandOutput output, ScanReport report)
    {
        if (output.IsJson)
            output.Json(report);
        else
            Lines(report).ToList().ForEach(output.Data);
    }

    internal static IEnumerable<string> Lines(ScanReport report)
    {
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{Printable.Of(report.Root)}: {report.Found} files found in {report.ElapsedSeconds:0.0} s ({report.FilesPerSecond:0.0} files/s)");
        yield return $"  new {report.New}, changed {report.Changed}, unchanged {report.Unchanged}, removed {report.Removed}, failed {report.Failed.Count}";
        yield return $"  library: {report.Tracks} tracks, {report.Albums} albums, {report.Covers} covers, {report.Vectors} vectors in {Printable.Of(report.Library)}";
        if (report.Unfinished > 0)
            yield return $"  {report.Unfinished} files were not brought to an end; scan again to go on with them";
        foreach (FailedFile failed in report.Failed)
            yield return $"  {(failed.KnownBefore ? "failed before" : "failed")}: {Printable.Of(failed.Path)} ({failed.Stage}): {Printable.Of(failed.Reason)}";
    }
}
