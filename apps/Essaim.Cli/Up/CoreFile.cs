using System.Text.Json;

namespace Essaim.Cli;

/// <summary>Where the core of a data folder listens, for other verbs: <c>core.json</c>, there while it runs.</summary>
/// <param name="Url">Address.</param>
/// <param name="Pid">Its process.</param>
/// <param name="AdminKeyFile">Where its admin key lies.</param>
internal sealed record CoreFile(string Url, int Pid, string AdminKeyFile)
{
    public const string FileName = "core.json";

    public static CoreFile? Read(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize<CoreFile>(File.ReadAllBytes(Path.Combine(folder, FileName)), EssaimJson.Options);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    public void Write(string folder)
    {
        string path = Path.Combine(folder, FileName);
        File.WriteAllBytes(path + ".new", JsonSerializer.SerializeToUtf8Bytes(this, EssaimJson.Options));
        File.Move(path + ".new", path, overwrite: true);
    }

    public static void Delete(string folder) => File.Delete(Path.Combine(folder, FileName));
}
