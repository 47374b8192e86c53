using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Essaim.Server;

/// <summary>The key that opens the API until users are configured. Only its hash is kept in memory.</summary>
internal sealed class AdminKey
{
    private const int ShortestKey = 32;

    private readonly byte[] _hash;

    private AdminKey(string file, string key) => (File, _hash) = (file, Hash(key));

    /// <summary>Where it lies.</summary>
    public string File { get; }

    /// <summary>Tells one key from another, and nothing of either.</summary>
    public string Stamp => Convert.ToHexStringLower(SHA256.HashData(_hash))[..16];

    /// <summary>Reads the key; at the first start makes it: 32 random bytes, in a file only its user can ever read.</summary>
    /// <exception cref="ServerException"><c>ESS5005</c>: not a key; <c>ESS5006</c>: others may read it; <c>ESS5004</c>: cannot be read or made.</exception>
    public static AdminKey Open(string path)
    {
        try
        {
            if (!System.IO.File.Exists(path))
                Create(path);
            CheckMode(path);
            string key = System.IO.File.ReadAllText(path).Trim();
            if (key.Length < ShortestKey || key.Any(character => character is <= ' ' or > '~'))
            {
                throw new ServerException(
                    "ESS5005", $"The admin key file '{path}' does not hold a key of at least {ShortestKey} printable characters. Delete it: a new key is made at the next start.");
            }

            return new AdminKey(path, key);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ServerException("ESS5004", $"The admin key file '{path}' cannot be read or made ({error.Message}). Check who owns it and its folder.", error);
        }
    }

    /// <summary>Compares in a time that says nothing about how much was right.</summary>
    public bool Matches(string key) => CryptographicOperations.FixedTimeEquals(_hash, Hash(key));

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>Written whole under another name, then moved: nobody ever sees half a key, or one with a wider mode.</summary>
    private static void Create(string path)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}";
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (FileStream file = new(temporary, options))
        {
            file.Write(Encoding.ASCII.GetBytes(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)) + "\n"));
            file.Flush(flushToDisk: true);
        }

        try
        {
            System.IO.File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (System.IO.File.Exists(path))
        {
            // Another core was faster; its key counts.
            System.IO.File.Delete(temporary);
        }
    }

    private static void CheckMode(string path)
    {
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (!OperatingSystem.IsWindows() && (System.IO.File.GetUnixFileMode(path) & others) != 0)
        {
            throw new ServerException(
                "ESS5006",
                $"The admin key file '{path}' can be read or changed by other users. Run: chmod 600 '{path}' — or delete it, if somebody may have read it: a new key is made at the next start.");
        }
    }
}
