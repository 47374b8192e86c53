using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Essaim.Edge;

/// <summary>
/// Buttons and lights on the kernel's character device: all buttons in one request, with the kernel's debouncing and a large event buffer, all
/// lights in another. A thread of its own waits for events. Safe on all threads.
/// </summary>
internal sealed unsafe class KernelGpio : IGpio
{
    private const string Consumer = "essaim slot";
    private const uint EventBuffer = 512;
    private const int PollMilliseconds = 500;
    private const int Interrupted = 4;
    private readonly IGpioKernel _kernel;
    private readonly GpioPlan _plan;
    private readonly string[] _inputs;
    private readonly string[] _outputs;
    private readonly int _inputLines;
    private readonly int _outputLines = -1;
    private readonly Action _onPoll;
    private readonly Thread _thread;
    // A full channel stops the reading, the kernel's buffer overflows, and the hole that leaves is found by its numbers.
    private readonly Channel<InputChange> _changes = Channel.CreateBounded<InputChange>(new BoundedChannelOptions(256) { SingleWriter = true });
    private readonly bool[] _levels;
    private readonly CancellationTokenSource _closing = new();
    private uint _lastNumber;
    private long _holes;

    private KernelGpio(IGpioKernel kernel, GpioPlan plan, int chip, Action onPoll)
    {
        (_kernel, _plan, _onPoll) = (kernel, plan, onPoll);
        (_inputs, _outputs) = ([.. plan.Inputs.Keys], [.. plan.Outputs.Keys]);
        _levels = new bool[_inputs.Length];
        ulong flags = GpioAbi.Input | GpioAbi.EdgeRising | GpioAbi.EdgeFalling | (plan.IsActiveLow ? GpioAbi.ActiveLow | GpioAbi.PullUp : GpioAbi.PullDown);
        _inputLines = Request(chip, plan.Inputs, flags, GpioAbi.DebounceAttribute, (ulong)plan.Debounce.TotalMicroseconds);
        try
        {
            if (_outputs.Length > 0)
                _outputLines = Request(chip, plan.Outputs, GpioAbi.Output, GpioAbi.OutputValuesAttribute, 0);
            ReadLevels(_levels);
        }
        catch
        {
            CloseLines();
            throw;
        }

        _thread = new Thread(Run, 256 * 1024) { IsBackground = true, Name = "essaim gpio" };
        _thread.Start();
    }

    public ChannelReader<InputChange> Changes => _changes.Reader;

    public long LastNumber => Volatile.Read(ref _lastNumber);

    public long Holes => Volatile.Read(ref _holes);

    /// <summary>Finds the chip and takes the lines.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="plan">Which line is what.</param>
    /// <param name="onPoll">Called at least every half second by the thread that waits: a watchdog's food.</param>
    /// <exception cref="EdgeException"><c>ESS6130</c> no such chip, <c>ESS6131</c> lines are taken or not there, <c>ESS6132</c> other trouble.</exception>
    public static KernelGpio Open(IGpioKernel kernel, GpioPlan plan, Action onPoll)
    {
        int chip = FindChip(kernel, plan.ChipLabels);
        try
        {
            return new KernelGpio(kernel, plan, chip, onPoll);
        }
        finally
        {
            // Lines stay with their own descriptor.
            kernel.Close(chip);
        }
    }

    /// <summary>Whether a chip with one of the labels is there; takes no line.</summary>
    /// <exception cref="EdgeException"><c>ESS6130</c> there is none; the text names those that are.</exception>
    public static void Look(IGpioKernel kernel, IReadOnlyList<string> labels) => kernel.Close(FindChip(kernel, labels));

    public IReadOnlyDictionary<string, bool> ReadInputs()
    {
        bool[] levels = new bool[_inputs.Length];
        ReadLevels(levels);
        return _inputs.Zip(levels).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    public void Set(string output, bool isOn)
    {
        int at = Array.IndexOf(_outputs, output);
        if (at < 0)
            return;
        GpioAbi.LineValues values = new() { Bits = isOn ? 1ul << at : 0, Mask = 1ul << at };
        Check(_kernel.Control(_outputLines, GpioAbi.SetValues, &values), $"the output {output}");
    }

    public void Dispose()
    {
        _closing.Cancel();
        _thread.Join();
        CloseLines();
        _closing.Dispose();
    }

    private static int FindChip(IGpioKernel kernel, IReadOnlyList<string> labels)
    {
        List<string> found = [];
        foreach (string path in kernel.Chips())
        {
            int chip = kernel.Open(path);
            if (chip < 0)
            {
                found.Add($"{path}: {kernel.Describe(-chip)}");
                continue;
            }

            GpioAbi.ChipInfo info = default;
            int failed = kernel.Control(chip, GpioAbi.GetChipInfo, &info);
            if (failed >= 0 && labels.Contains(info.Label.ToString()))
                return chip;
            found.Add($"{path}: {(failed < 0 ? kernel.Describe(-failed) : info.Label.ToString())}");
            kernel.Close(chip);
        }

        throw EdgeException.NoGpioChip(labels, found);
    }

    private int Request(int chip, IReadOnlyDictionary<string, uint> lines, ulong flags, uint attribute, ulong value)
    {
        if (lines.Count is 0 or > GpioAbi.MostLines)
            throw new ArgumentException($"One to {GpioAbi.MostLines} lines can be asked for, not {lines.Count}.", nameof(lines));
        GpioAbi.LineRequest request = default;
        int at = 0;
        foreach (uint line in lines.Values)
            request.Offsets[at++] = line;
        System.Text.Encoding.UTF8.GetBytes(Consumer, request.Consumer);
        request.Config.Flags = flags;
        request.Config.AttributeCount = 1;
        request.Config.Attributes[0] = new GpioAbi.ConfigAttribute
        {
            Attribute = new GpioAbi.Attribute { Id = attribute, Value = value },
            Mask = ulong.MaxValue >> (64 - lines.Count),
        };
        request.LineCount = (uint)lines.Count;
        request.EventBufferSize = EventBuffer;
        int failed = _kernel.Control(chip, GpioAbi.GetLine, &request);
        return failed >= 0 ? request.Descriptor : throw EdgeException.GpioLines(lines, _kernel.Describe(-failed));
    }

    private void ReadLevels(bool[] levels)
    {
        GpioAbi.LineValues values = new() { Mask = ulong.MaxValue >> (64 - levels.Length) };
        Check(_kernel.Control(_inputLines, GpioAbi.GetValues, &values), "the inputs");
        for (int i = 0; i < levels.Length; i++)
            levels[i] = (values.Bits & (1ul << i)) != 0;
    }

    private void Run()
    {
        try
        {
            byte[] buffer = new byte[sizeof(GpioAbi.LineEvent) * 16];
            while (!_closing.IsCancellationRequested)
            {
                _onPoll();
                int ready = _kernel.Poll(_inputLines, PollMilliseconds);
                if (ready is 0 or -Interrupted)
                    continue;
                Check(ready, "the inputs");
                int got = _kernel.Read(_inputLines, buffer);
                if (got == -Interrupted)
                    continue;
                Check(got, "the inputs");
                foreach (ref readonly GpioAbi.LineEvent change in MemoryMarshal.Cast<byte, GpioAbi.LineEvent>(buffer.AsSpan(0, got)))
                    Take(change);
            }

            _changes.Writer.TryComplete();
        }
        catch (EdgeException gone)
        {
            _changes.Writer.TryComplete(gone);
        }
        catch (OperationCanceledException)
        {
            _changes.Writer.TryComplete();
        }
    }

    private void Take(in GpioAbi.LineEvent change)
    {
        uint missing = change.Number - _lastNumber - 1;
        Volatile.Write(ref _lastNumber, change.Number);
        if (missing > 0)
        {
            Interlocked.Add(ref _holes, missing);
            // What was lost is unknown, and so is what the present event follows: the levels tell where it led.
            bool[] levels = new bool[_levels.Length];
            ReadLevels(levels);
            for (int i = 0; i < levels.Length; i++)
                Change(i, levels[i]);
            return;
        }

        int at = 0;
        foreach (uint line in _plan.Inputs.Values)
        {
            if (line == change.Offset)
                Change(at, change.Id == GpioAbi.Rising);
            at++;
        }
    }

    private void Change(int input, bool isActive)
    {
        if (_levels[input] == isActive)
            return;
        _levels[input] = isActive;
        // This is the only thread that may wait here, and it is made for waiting.
        _changes.Writer.WriteAsync(new InputChange(_inputs[input], isActive), _closing.Token).AsTask().GetAwaiter().GetResult();
    }

    private void CloseLines()
    {
        _kernel.Close(_inputLines);
        if (_outputLines >= 0)
            _kernel.Close(_outputLines);
    }

    private void Check(int result, string what)
    {
        if (result < 0)
            throw EdgeException.Gpio(what, _kernel.Describe(-result));
    }
}
