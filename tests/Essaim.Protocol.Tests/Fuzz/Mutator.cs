using System.Text;

namespace Essaim.Protocol.Tests;

/// <summary>Spoils texts of a corpus in the ways wires, disks and senders do, and in some that only an attacker does.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> corpus, int seed)
{
    private readonly Random _random = new(seed);

    private static readonly string[] Tokens =
    [
        "NaN", "-Infinity", "1e999", "99999999999999999999999999999999", "-0", "null", "{}", "[]", "\"\"", "\"\\ud800\"", "{\"__type__\":\"datetime\"}",
        "\"2026-99-99T00:00:00\"", "[null,1e308]", "true", "\u0000", "\"id\":\"x\",\"id\":5",
    ];

    public byte[] Next()
    {
        byte[] text = Pick();
        for (int rounds = _random.Next(1, 4); rounds > 0; rounds--)
            text = Mutate(text);
        return text;
    }

    private byte[] Mutate(byte[] text) => _random.Next(8) switch
    {
        0 => FlipBits(text),
        1 => text[..At(text)],
        2 => Splice(text, Pick()),
        3 => Insert(text, Encoding.UTF8.GetBytes(Tokens[_random.Next(Tokens.Length)])),
        4 => ReplaceNumber(text),
        5 => Insert(text, Deep()),
        6 => Overwrite(text),
        _ => ReplaceValue(text),
    };

    private byte[] Pick() => corpus[_random.Next(corpus.Count)];

    private int At(byte[] text) => _random.Next(text.Length + 1);

    private byte[] FlipBits(byte[] text)
    {
        byte[] copy = [.. text];
        for (int flips = _random.Next(1, 5); flips > 0 && copy.Length > 0; flips--)
            copy[_random.Next(copy.Length)] ^= (byte)(1 << _random.Next(8));
        return copy;
    }

    private byte[] Splice(byte[] text, byte[] other)
    {
        int from = At(other);
        int to = Math.Min(other.Length, from + _random.Next(200));
        int at = At(text);
        return [.. text[..at], .. other[from..to], .. text[Math.Min(text.Length, at + _random.Next(200))..]];
    }

    private byte[] Insert(byte[] text, byte[] what)
    {
        int at = At(text);
        return [.. text[..at], .. what, .. text[at..]];
    }

    private byte[] Overwrite(byte[] text)
    {
        byte[] copy = [.. text];
        int at = At(copy);
        _random.NextBytes(copy.AsSpan(at, Math.Min(_random.Next(1, 16), copy.Length - at)));
        return copy;
    }

    private byte[] ReplaceNumber(byte[] text)
    {
        int from = At(text);
        int digit = text.AsSpan(from).IndexOfAnyInRange((byte)'0', (byte)'9');
        if (digit < 0)
            return text;
        int at = from + digit;
        string blown = _random.Next(3) switch { 0 => new string('9', _random.Next(1, 400)), 1 => "1e" + _random.Next(400), _ => "-" + new string('1', 30) + ".5" };
        return [.. text[..at], .. Encoding.UTF8.GetBytes(blown), .. text[(at + 1)..]];
    }

    /// <summary>Puts another value after some colon, which keeps more of the text readable than blind damage does.</summary>
    private byte[] ReplaceValue(byte[] text)
    {
        int from = At(text);
        int colon = text.AsSpan(from).IndexOf((byte)':');
        if (colon < 0)
            return text;
        int start = from + colon + 1;
        int length = text.AsSpan(start).IndexOfAny(",}]"u8);
        byte[] value = Encoding.UTF8.GetBytes(Tokens[_random.Next(Tokens.Length)]);
        return [.. text[..start], .. value, .. text[(length < 0 ? text.Length : start + length)..]];
    }

    private byte[] Deep()
    {
        int levels = _random.Next(1, 2000);
        string part = _random.Next(3) switch { 0 => "[", 1 => "{\"a\":", _ => "{\"task\":\"t\",\"options\":{\"chord\":" };
        return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(part, levels)));
    }
}
