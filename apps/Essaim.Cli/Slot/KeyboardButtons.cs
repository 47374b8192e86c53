using Essaim.Edge;

namespace Essaim.Cli;

/// <summary>Buttons of a development machine: key 1 is the first choice, 2 the second; lights are words. Keys of a pipe count, too.</summary>
internal static class KeyboardButtons
{
    private const int Most = 9;

    /// <summary>Listens as long as the process lives.</summary>
    public static void Attach(StandInGpio gpio, IReadOnlyList<string> choices, CommandOutput output)
    {
        gpio.OnOutput = (light, isOn) => output.Say($"{(isOn ? "●" : "○")} {light["LED_".Length..].ToLowerInvariant()}");
        output.Say($"Keys: {string.Join(", ", choices.Take(Most).Select((choice, i) => $"{i + 1} {choice}"))}");
        Thread reader = new(() => Read(gpio, choices)) { IsBackground = true, Name = "keyboard" };
        reader.Start();
    }

    private static void Read(StandInGpio gpio, IReadOnlyList<string> choices)
    {
        while (Next() is { } key)
        {
            int button = key - '1';
            if (button < 0 || button >= Math.Min(choices.Count, Most))
                continue;
            string input = SlotOptions.InputOf(choices[button]);
            gpio.Press(input, isActive: true);
            gpio.Press(input, isActive: false);
        }
    }

    /// <summary>Null when there are no more.</summary>
    private static char? Next()
    {
        if (!Console.IsInputRedirected)
            return Console.ReadKey(intercept: true).KeyChar;
        int read = Console.In.Read();
        return read < 0 ? null : (char)read;
    }
}
