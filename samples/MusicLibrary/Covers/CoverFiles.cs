using System.Security.Cryptography;

namespace MusicLibrary;

/// <summary>Pictures on disk, named by what is in them: the same picture in a thousand files is one file.</summary>
internal static class CoverFiles
{
    /// <summary>
    /// Keeps a track's picture. Within the library's write transaction, so that house-keeping never sees a picture without its row.
    /// </summary>
    public static void Keep(SqlSession session, string folder, string path, byte[] picture)
    {
        if (ImageType.Of(picture) is not { } type)
        {
            Refuse(session, path, "its picture is of a kind unknown here");
            return;
        }

        string hash = Convert.ToHexStringLower(SHA256.HashData(picture).AsSpan(0, 16));
        string target = Path.Combine(folder, $"{hash}.{type}");
        if (!File.Exists(target))
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(target + ".part", picture);
            File.Move(target + ".part", target, overwrite: true);
        }

        session.Run(
            "INSERT OR IGNORE INTO covers (hash, type, bytes) VALUES (@hash, @type, @bytes)", ("@hash", hash), ("@type", type), ("@bytes", picture.Length));
        session.Run("UPDATE tracks SET cover = @hash WHERE path = @path", ("@hash", hash), ("@path", path));
    }

    /// <summary>Records that a track's picture is of no use; an empty name says that nobody need try again.</summary>
    public static void Refuse(SqlSession session, string path, string reason) =>
        session.Run("UPDATE tracks SET cover = '', cover_reason = @reason WHERE path = @path", ("@reason", reason), ("@path", path));

    /// <summary>Removes files no row speaks of: left by a crash, or by tracks that are gone.</summary>
    public static void Prune(SqlSession session, string folder)
    {
        if (!Directory.Exists(folder))
            return;
        HashSet<string> wanted = [.. session.Query("SELECT hash || '.' || type FROM covers", row => row.GetString(0))];
        foreach (string file in Directory.EnumerateFiles(folder).Where(file => !wanted.Contains(Path.GetFileName(file))))
            File.Delete(file);
    }
}
