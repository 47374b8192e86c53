using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Essaim.Edge;

/// <summary>What of a vote is the vote: all but what changes each time it is sent.</summary>
internal static class VoteBody
{
    /// <summary>Tells two votes under one number apart.</summary>
    /// <returns>64 hex digits.</returns>
    public static string Hash(SlotEvent vote)
    {
        // Each part with its length before it: no two votes have the same text.
        StringBuilder text = new();
        foreach (string? part in new[] { vote.Kind, vote.Round, vote.Input, vote.Choice, vote.At, vote.Monotonic.ToString(CultureInfo.InvariantCulture) })
            text.Append(CultureInfo.InvariantCulture, $"{part?.Length ?? -1}:{part};");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
