using System.Text;

namespace Essaim;

/// <summary>Makes lines of bytes. A line without end is cut at <see cref="LongestLine"/>; bytes that are not UTF-8 become U+FFFD.</summary>
internal sealed class LineSplitter(Action<string> onLine)
{
    /// <summary>Longest line, in bytes.</summary>
    public const int LongestLine = 8 * 1024;

    private readonly byte[] _line = new byte[LongestLine];
    private int _length;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (value == (byte)'\n')
            {
                EmitLine();
                continue;
            }

            _line[_length++] = value;
            if (_length == LongestLine)
                EmitLine();
        }
    }

    /// <summary>What is left is a line too.</summary>
    public void End()
    {
        if (_length > 0)
            EmitLine();
    }

    private void EmitLine()
    {
        int length = _length;
        _length = 0;
        if (length > 0 && _line[length - 1] == (byte)'\r')
            length--;
        onLine(Encoding.UTF8.GetString(_line, 0, length));
    }
}
