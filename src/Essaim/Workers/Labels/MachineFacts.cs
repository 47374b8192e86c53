using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Essaim;

/// <summary>What a machine is, as far as its kernel tells; read once.</summary>
/// <param name="Arch">As .NET names it: <c>x64</c>, <c>arm64</c>, <c>arm</c>…</param>
/// <param name="Cores">Processors this process may use.</param>
/// <param name="Memory">Bytes this process may have: the machine's, or its group's limit.</param>
/// <param name="Model">The board's, such as <c>Raspberry Pi 4 Model B Rev 1.4</c>; null where there is none.</param>
internal sealed record MachineFacts(string Arch, int Cores, long Memory, string? Model)
{
    /// <param name="root">Where <c>/proc</c> is.</param>
    public static MachineFacts Read(string root = "/") => new(
        RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        KernelFile.Read(Path.Combine(root, "proc/device-tree/model"))?.TrimEnd('\0'));

    public Dictionary<string, object> ToJson()
    {
        Dictionary<string, object> facts = new() { ["arch"] = Arch, ["cores"] = Cores, ["memory"] = Memory };
        if (Model is not null)
            facts["model"] = Model;
        return facts;
    }

    /// <summary>As <see cref="ToJson"/>.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("arch"u8, Arch);
        json.WriteNumber("cores"u8, Cores);
        json.WriteNumber("memory"u8, Memory);
        if (Model is not null)
            json.WriteString("model"u8, Model);
        json.WriteEndObject();
    }
}

/// <summary>How hot the processor is and whether it is held back for it.</summary>
/// <param name="Celsius">Null where the kernel does not tell.</param>
/// <param name="Throttled">What holds it back now, of <c>under-voltage</c>, <c>capped</c>, <c>throttled</c>, <c>hot</c>; null where the kernel does not tell.</param>
internal sealed record MachineHeat(double? Celsius, IReadOnlyList<string>? Throttled)
{
    private static readonly string[] Bits = ["under-voltage", "capped", "throttled", "hot"];

    /// <param name="root">Where <c>/sys</c> is.</param>
    public static MachineHeat Read(string root = "/")
    {
        double? celsius = null;
        string zones = Path.Combine(root, "sys/class/thermal");
        foreach (string zone in Directory.Exists(zones) ? Directory.GetDirectories(zones, "thermal_zone*") : [])
        {
            bool ofProcessor = KernelFile.Read(Path.Combine(zone, "type")) is { } type
                && (type.Contains("cpu", StringComparison.OrdinalIgnoreCase) || type.Contains("x86_pkg", StringComparison.Ordinal) || type.Contains("soc", StringComparison.Ordinal));
            if (ofProcessor && long.TryParse(KernelFile.Read(Path.Combine(zone, "temp")), CultureInfo.InvariantCulture, out long thousandths))
                celsius = Math.Max(celsius ?? double.MinValue, Math.Round(thousandths / 1000.0, 1));
        }

        // The Pi's firmware: the lowest four bits are about now, higher ones about what has been since the start.
        string? firmware = KernelFile.Read(Path.Combine(root, "sys/devices/platform/soc/soc:firmware/get_throttled"));
        bool told = uint.TryParse(firmware, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint bits);
        return new MachineHeat(celsius, told ? [.. Bits.Where((_, bit) => (bits >> bit & 1) == 1)] : null);
    }
}

/// <summary>Files in which the kernel tells something.</summary>
internal static class KernelFile
{
    /// <summary>The text without white space around it; null where there is none.</summary>
    public static string? Read(string path)
    {
        try
        {
            return File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } text ? text : null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
