using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim.Sandbox;

/// <summary>Names a version by what makes it what it is.</summary>
internal static class FunctionIdentity
{
    /// <summary>SHA-256 of source, environment, limits and file name, in lower-case hexadecimal.</summary>
    /// <param name="sourceHash">SHA-256 of the source.</param>
    /// <param name="entry">The file's name.</param>
    /// <param name="environment">The environment's name.</param>
    /// <param name="limits">All limits, with those left out as they are usually: should what is usual change, a version stays what it is.</param>
    public static string Of(string sourceHash, string entry, string environment, RunLimits limits)
    {
        string[] parts = ["essaim-function-1", entry, environment, Write(limits).ToString(), sourceHash];
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(parts))));
    }

    /// <summary>SHA-256 in lower-case hexadecimal.</summary>
    public static string Hash(ReadOnlyMemory<byte> source) => Convert.ToHexStringLower(SHA256.HashData(source.Span));

    /// <summary>Limits as a message has them, all of them.</summary>
    public static RawJson Write(RunLimits limits) => RawJson.From(FunctionLimits.Of(limits), EssaimJson.Options);
}
