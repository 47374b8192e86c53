using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Essaim.Edge;

/// <summary>The kernel's interface to GPIO lines, version 2, as <c>linux/gpio.h</c> has it. Its numbers and sizes are asserted by tests.</summary>
internal static class GpioAbi
{
    public const uint GetChipInfo = 0x8044B401;
    public const uint GetLineInfo = 0xC100B405;
    public const uint GetLine = 0xC250B407;
    public const uint GetValues = 0xC010B40E;
    public const uint SetValues = 0xC010B40F;

    public const ulong ActiveLow = 2;
    public const ulong Input = 4;
    public const ulong Output = 8;
    public const ulong EdgeRising = 16;
    public const ulong EdgeFalling = 32;
    public const ulong PullUp = 256;
    public const ulong PullDown = 512;

    public const uint OutputValuesAttribute = 2;
    public const uint DebounceAttribute = 3;

    /// <summary>An event: the line became active.</summary>
    public const uint Rising = 1;

    /// <summary>Most lines of one request.</summary>
    public const int MostLines = 64;

    [InlineArray(32)]
    public struct Name
    {
        private byte _first;

        public override readonly string ToString()
        {
            ReadOnlySpan<byte> bytes = this;
            int end = bytes.IndexOf((byte)0);
            return System.Text.Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
        }
    }

    [InlineArray(MostLines)]
    public struct Offsets
    {
        private uint _first;
    }

    [InlineArray(10)]
    public struct Attributes
    {
        private ConfigAttribute _first;
    }

    [InlineArray(10)]
    public struct InfoAttributes
    {
        private Attribute _first;
    }

    [InlineArray(5)]
    public struct Padding5
    {
        private uint _first;
    }

    [InlineArray(6)]
    public struct Padding6
    {
        private uint _first;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ChipInfo
    {
        public Name Name;
        public Name Label;
        public uint Lines;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Attribute
    {
        public uint Id;
        public uint Padding;
        public ulong Value;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ConfigAttribute
    {
        public Attribute Attribute;
        public ulong Mask;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct LineInfo
    {
        public Name Name;
        public Name Consumer;
        public uint Offset;
        public uint AttributeCount;
        public ulong Flags;
        public InfoAttributes Attributes;
        public uint Padding0;
        public uint Padding1;
        public uint Padding2;
        public uint Padding3;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct LineConfig
    {
        public ulong Flags;
        public uint AttributeCount;
        public Padding5 Padding;
        public Attributes Attributes;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct LineRequest
    {
        public Offsets Offsets;
        public Name Consumer;
        public LineConfig Config;
        public uint LineCount;
        public uint EventBufferSize;
        public Padding5 Padding;
        public int Descriptor;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct LineValues
    {
        public ulong Bits;
        public ulong Mask;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct LineEvent
    {
        public ulong Timestamp;
        public uint Id;
        public uint Offset;
        public uint Number;
        public uint LineNumber;
        public Padding6 Padding;
    }
}
