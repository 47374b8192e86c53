using System.Threading.Channels;

namespace Essaim.Edge;

/// <summary>The buttons and lights of a slot, by their names.</summary>
internal interface IGpio : IDisposable
{
    /// <summary>What happens to the inputs, bounded; ends when the device is gone.</summary>
    ChannelReader<InputChange> Changes { get; }

    /// <summary>Which inputs are active now.</summary>
    IReadOnlyDictionary<string, bool> ReadInputs();

    /// <summary>Switches an output; a name there is none of is ignored.</summary>
    void Set(string output, bool isOn);

    /// <summary>Number of the kernel's last event.</summary>
    long LastNumber { get; }

    /// <summary>Events that were lost: their numbers are missing.</summary>
    long Holes { get; }
}

/// <summary>An input changed.</summary>
/// <param name="Input">Its name.</param>
/// <param name="IsActive">Pressed, or let go.</param>
internal readonly record struct InputChange(string Input, bool IsActive);

/// <summary>Which line is what.</summary>
internal sealed record GpioPlan
{
    /// <summary>Labels of the chips whose lines these may be: the header of a Raspberry Pi 5, 4, and older.</summary>
    public IReadOnlyList<string> ChipLabels { get; init; } = ["pinctrl-rp1", "pinctrl-bcm2711", "pinctrl-bcm2835"];

    /// <summary>Inputs and their lines.</summary>
    public required IReadOnlyDictionary<string, uint> Inputs { get; init; }

    /// <summary>Outputs and their lines.</summary>
    public IReadOnlyDictionary<string, uint> Outputs { get; init; } = new Dictionary<string, uint>();

    /// <summary>A pressed button connects its line to ground; otherwise to 3.3 V.</summary>
    public bool IsActiveLow { get; init; } = true;

    /// <summary>A change counts once it has stood so long. 20 ms; 5 to 30 suits buttons.</summary>
    public TimeSpan Debounce { get; init; } = TimeSpan.FromMilliseconds(20);
}
