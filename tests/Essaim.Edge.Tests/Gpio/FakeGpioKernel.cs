using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Essaim.Edge.Tests;

/// <summary>A kernel with one header of lines, for what the interface's user makes of its answers.</summary>
internal sealed unsafe class FakeGpioKernel(string label = "pinctrl-rp1") : IGpioKernel
{
    private const int ChipDescriptor = 10;
    private const int InputDescriptor = 11;
    private const int OutputDescriptor = 12;
    private const int Busy = 16;
    private readonly BlockingCollection<byte[]> _events = [];
    private byte[]? _next;
    private ulong _levels;
    private uint _number;

    public List<GpioAbi.LineRequest> Requests { get; } = [];

    public List<int> Closed { get; } = [];

    public ulong Outputs { get; private set; }

    public bool IsBusy { get; init; }

    public string[] Paths { get; init; } = ["/dev/gpiochip0", "/dev/gpiochip4"];

    /// <summary>Sets the level of an input, by its place in the request, and tells it.</summary>
    /// <param name="place">Place in the request.</param>
    /// <param name="isActive">Level.</param>
    /// <param name="lost">Events before it that are lost.</param>
    public void Change(int place, bool isActive, uint lost = 0)
    {
        SetLevel(place, isActive);
        _number += lost + 1;
        GpioAbi.LineEvent change = new() { Id = isActive ? 1u : 2u, Offset = Requests[0].Offsets[place], Number = _number };
        _events.Add(MemoryMarshal.AsBytes(new ReadOnlySpan<GpioAbi.LineEvent>(in change)).ToArray());
    }

    public void SetLevel(int place, bool isActive) => _levels = isActive ? _levels | (1ul << place) : _levels & ~(1ul << place);

    /// <summary>The chip is taken away.</summary>
    public void Unplug() => _events.Add([]);

    public IReadOnlyList<string> Chips() => Paths;

    public int Open(string path) => path.EndsWith('4') ? ChipDescriptor : -13;

    public int Control(int descriptor, uint request, void* argument)
    {
        switch (request)
        {
            case GpioAbi.GetChipInfo:
                System.Text.Encoding.UTF8.GetBytes(label, ((GpioAbi.ChipInfo*)argument)->Label);
                return 0;
            case GpioAbi.GetLine:
                if (IsBusy)
                    return -Busy;
                GpioAbi.LineRequest* lines = (GpioAbi.LineRequest*)argument;
                Requests.Add(*lines);
                lines->Descriptor = (lines->Config.Flags & GpioAbi.Output) == 0 ? InputDescriptor : OutputDescriptor;
                return 0;
            case GpioAbi.GetValues:
                GpioAbi.LineValues* read = (GpioAbi.LineValues*)argument;
                read->Bits = _levels & read->Mask;
                return 0;
            case GpioAbi.SetValues:
                GpioAbi.LineValues* set = (GpioAbi.LineValues*)argument;
                Outputs = (Outputs & ~set->Mask) | (set->Bits & set->Mask);
                return 0;
            default:
                return -25;
        }
    }

    public int Poll(int descriptor, int milliseconds)
    {
        if (!_events.TryTake(out _next, milliseconds))
            return 0;
        return _next.Length == 0 ? -LibcGpioKernel.NoDevice : 1;
    }

    public int Read(int descriptor, Span<byte> target)
    {
        _next.CopyTo(target);
        return _next!.Length;
    }

    public void Close(int descriptor) => Closed.Add(descriptor);

    public string Describe(int error) => error switch { Busy => "Device or resource busy", 13 => "Permission denied", LibcGpioKernel.NoDevice => "No such device", _ => $"{error}" };
}
