using System.Security.Cryptography;
using System.Text;
using Essaim.Protocol;

namespace Essaim;

/// <summary>
/// The hash of a configuration's content: SHA-256 over each part's name, then each of its fields in the order of their UTF-8 bytes, as name, NUL,
/// value as stored, NUL. So it can be worked out in any language without parsing JSON.
/// </summary>
internal static class ConfigHash
{
    public static string Of(ConfigDocument document)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, "queues", document.Queues);
        Add(hash, "routes", document.Routes);
        Add(hash, "base", document.Base);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Add(IncrementalHash hash, string part, IReadOnlyDictionary<string, RawJson> fields)
    {
        Append(hash, Encoding.UTF8.GetBytes(part));
        foreach ((byte[] name, RawJson value) in fields.Select(field => (Encoding.UTF8.GetBytes(field.Key), field.Value)).OrderBy(field => field.Item1, ByteOrder.Instance))
        {
            Append(hash, name);
            Append(hash, value.Utf8.Span);
        }
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        hash.AppendData(bytes);
        hash.AppendData([0]);
    }

    private sealed class ByteOrder : IComparer<byte[]>
    {
        public static readonly ByteOrder Instance = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
