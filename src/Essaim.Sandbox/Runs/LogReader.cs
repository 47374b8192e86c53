using System.Buffers.Binary;

namespace Essaim.Sandbox;

/// <summary>Reads the shim's log, frame by frame, from an offset on. What is half written is read the next time.</summary>
/// <param name="file">The log; may not be there yet.</param>
/// <param name="offset">Where to begin.</param>
internal sealed class LogReader(string file, long offset)
{
    private const int Header = 8;
    private const int MostAtOnce = 1 << 20;

    /// <summary>Where to go on.</summary>
    public long Offset { get; private set; } = offset;

    public IEnumerable<RunOutput> Read()
    {
        for (byte[] part = ReadPart(); ;)
        {
            int at = 0;
            while (part.Length - at >= Header)
            {
                int length = BinaryPrimitives.ReadUInt16LittleEndian(part.AsSpan(at + 2));
                if (part.Length - at - Header < length)
                    break;
                TimeSpan when = TimeSpan.FromMilliseconds(BinaryPrimitives.ReadUInt32LittleEndian(part.AsSpan(at + 4)));
                Offset += Header + length;
                yield return new RunText(part[at] == 2, part.AsMemory(at + Header, length), when, Offset);
                at += Header + length;
            }

            if (at == 0)
                yield break;
            part = ReadPart();
        }
    }

    private byte[] ReadPart()
    {
        try
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            long left = stream.Length - Offset;
            if (left <= 0)
                return [];
            stream.Position = Offset;
            byte[] part = new byte[Math.Min(left, MostAtOnce)];
            int got = stream.ReadAtLeast(part, part.Length, throwOnEndOfStream: false);
            return got == part.Length ? part : part[..got];
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }
}
