using System.Threading.Channels;

namespace Essaim.Edge;

/// <summary>Buttons and lights of a machine that has none: pressed by a program, a key or a request, shown by what asks. Safe on all threads.</summary>
internal sealed class StandInGpio : IGpio
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, bool> _inputs;
    private readonly Dictionary<string, bool> _outputs;
    private readonly Channel<InputChange> _changes = Channel.CreateBounded<InputChange>(256);
    private long _number;
    private long _holes;

    public StandInGpio(IEnumerable<string> inputs, IEnumerable<string> outputs)
    {
        _inputs = inputs.ToDictionary(name => name, _ => false);
        _outputs = outputs.ToDictionary(name => name, _ => false);
    }

    public ChannelReader<InputChange> Changes => _changes.Reader;

    public long LastNumber => Volatile.Read(ref _number);

    public long Holes => Volatile.Read(ref _holes);

    /// <summary>Told of every output that is switched.</summary>
    public Action<string, bool> OnOutput { get; set; } = static (_, _) => { };

    /// <summary>Presses a button, or lets it go; false where there is no such input, or too many changes wait.</summary>
    public bool Press(string input, bool isActive)
    {
        lock (_gate)
        {
            if (!_inputs.TryGetValue(input, out bool was))
                return false;
            _inputs[input] = isActive;
            if (was == isActive)
                return true;
            _number++;
            if (_changes.Writer.TryWrite(new InputChange(input, isActive)))
                return true;
            _holes++;
            return false;
        }
    }

    /// <summary>Which outputs are on.</summary>
    public IReadOnlyDictionary<string, bool> ReadOutputs()
    {
        lock (_gate)
            return new Dictionary<string, bool>(_outputs);
    }

    public IReadOnlyDictionary<string, bool> ReadInputs()
    {
        lock (_gate)
            return new Dictionary<string, bool>(_inputs);
    }

    public void Set(string output, bool isOn)
    {
        lock (_gate)
        {
            if (!_outputs.ContainsKey(output))
                return;
            _outputs[output] = isOn;
        }

        OnOutput(output, isOn);
    }

    public void Dispose() => _changes.Writer.TryComplete();
}
