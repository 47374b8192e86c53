using System.Globalization;

namespace Essaim.Redis;

/// <summary>A lease's token: <c>CLAIM:INDEX</c>, the index counting from 1.</summary>
internal static class LeaseToken
{
    public static string Of(string claim, int index) => string.Create(CultureInfo.InvariantCulture, $"{claim}:{index}");

    /// <summary>False for a token that is none of ours.</summary>
    public static bool TryRead(string token, out ReadOnlySpan<char> claim, out int index)
    {
        int colon = token.LastIndexOf(':');
        claim = colon > 0 ? token.AsSpan(0, colon) : default;
        index = 0;
        return colon > 0 && int.TryParse(token.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out index) && index > 0;
    }
}
