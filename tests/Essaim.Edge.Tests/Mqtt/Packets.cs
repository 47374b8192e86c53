namespace Essaim.Edge.Tests;

/// <summary>Packets a broker sends, one of each shape.</summary>
internal static class Packets
{
    public static readonly (MqttVersion Version, string Hex)[] All =
    [
        (MqttVersion.V5, "20 03 00 00 00"),
        (MqttVersion.V5, "20 03 01 00 00"),
        (MqttVersion.V5, "20 0B 00 00 08 21 00 14 13 00 1E 24 01"),
        (MqttVersion.V5, "20 09 00 86 06 1F 00 03 'who'"),
        (MqttVersion.V5, "20 2C 00 00 29 11 00 00 00 0A 12 00 02 'id' 15 00 01 'a' 16 00 01 01 1A 00 00 1C 00 01 's' 22 00 05 25 00 28 00 29 01 2A 00 27 00 00 10 00"),
        (MqttVersion.V5, "20 02 00 01"),
        (MqttVersion.V311, "20 02 00 00"),
        (MqttVersion.V311, "20 02 00 05"),
        (MqttVersion.V5, "30 08 00 03 'a/b' 00 'xy'"),
        (MqttVersion.V5, "31 04 00 01 'a' 00"),
        (MqttVersion.V5, "3B 27 00 01 'a' 01 02 20 01 01 02 00 00 00 1E 03 00 01 'j' 08 00 01 'r' 09 00 02 01 02 0B 81 01 0B 02 26 00 01 'k' 00 01 'v' 'x'"),
        (MqttVersion.V311, "32 06 00 01 'a' 01 02 'x'"),
        (MqttVersion.V311, "30 04 00 02 C3 A9"),
        (MqttVersion.V5, "40 02 12 34"),
        (MqttVersion.V5, "40 03 12 34 10"),
        (MqttVersion.V5, "40 09 12 34 87 05 1F 00 02 'no'"),
        (MqttVersion.V311, "40 02 00 01"),
        (MqttVersion.V5, "90 05 00 07 00 01 87"),
        (MqttVersion.V311, "90 04 00 07 00 80"),
        (MqttVersion.V5, "D0 00"),
        (MqttVersion.V311, "D0 00"),
        (MqttVersion.V5, "E0 00"),
        (MqttVersion.V5, "E0 01 8E"),
        (MqttVersion.V5, "E0 08 8B 06 1F 00 03 'bye'"),
    ];

    public static TheoryData<string> Everything => [.. All.Select(packet => packet.Version + ": " + packet.Hex)];

    public static (MqttVersion Version, byte[] Bytes) Parse(string row)
    {
        string[] parts = row.Split(": ");
        return (Enum.Parse<MqttVersion>(parts[0]), Hex.Bytes(parts[1]));
    }
}
