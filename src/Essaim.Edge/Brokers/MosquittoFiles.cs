using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Essaim.Edge;

/// <summary>What Mosquitto reads of who may do what: its password file and its access list.</summary>
internal static class MosquittoFiles
{
    /// <summary>The user of the core.</summary>
    public const string CoreUser = "core";

    private const int Iterations = 101;
    private const int SaltBytes = 12;
    private const int HashBytes = 64;
    private const int PasswordBytes = 24;

    /// <summary>A password nobody guesses: 32 letters and digits, of 24 random bytes.</summary>
    public static string NewPassword() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(PasswordBytes)).Replace('+', '-').Replace('/', '_');

    /// <summary>A password as the password file has it. Its own strength is what protects it: with 24 random bytes, few rounds are enough.</summary>
    public static string Hash(string password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] hash = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, Iterations, HashAlgorithmName.SHA512, HashBytes);
        return string.Create(CultureInfo.InvariantCulture, $"$7${Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
    }

    /// <summary>The password file.</summary>
    public static string Passwords(IEnumerable<(string User, string Hash)> users) => string.Concat(users.Select(user => $"{user.User}:{user.Hash}\n"));

    /// <summary>The access list: the core everything below <c>edge/v1</c>, a slot its own.</summary>
    public static string Rights() =>
        $"""
        user {CoreUser}
        topic readwrite {EdgeTopics.Root}/#

        pattern write {EdgeTopics.Root}/slot/%u/up/#
        pattern read {EdgeTopics.Root}/slot/%u/down/#
        pattern read {EdgeTopics.CurrentRound}
        pattern read {EdgeTopics.CoreState}

        """;
}
