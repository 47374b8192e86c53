namespace Essaim.Edge;

/// <summary>What a slot is.</summary>
internal sealed record SlotOptions
{
    /// <summary>Its id; also user name and client id.</summary>
    public required string SlotId { get; init; }

    /// <summary>The core's broker.</summary>
    public required MqttOptions Broker { get; init; }

    /// <summary>Where journal, configuration and known commands lie.</summary>
    public required string DataFolder { get; init; }

    /// <summary>What can be chosen; the input of a choice is <c>BTN_</c> and its name in capitals.</summary>
    public required IReadOnlyList<string> Choices { get; init; }

    /// <summary>The program's version, told to the core.</summary>
    public string Firmware { get; init; } = "";

    /// <summary>The name of a choice's input.</summary>
    public static string InputOf(string choice) => "BTN_" + choice.ToUpperInvariant();
}

/// <summary>The machine a slot runs on.</summary>
internal interface ISlotMachine
{
    /// <summary>This boot of the machine: what its monotonic clock belongs to.</summary>
    string Boot { get; }

    /// <summary>The wall clock is right.</summary>
    bool IsClockSynchronised { get; }

    /// <summary>The processor's, in °C; null where it is not told.</summary>
    double? Temperature { get; }

    /// <summary>Starts the machine anew; what went wrong, or null.</summary>
    string? Reboot();
}
