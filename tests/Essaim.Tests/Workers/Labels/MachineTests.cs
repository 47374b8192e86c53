namespace Essaim.Tests.Workers.Labels;

/// <summary>What is read from the kernel's files, laid out as a Raspberry Pi 4 has them.</summary>
public sealed class MachineTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("essaim-machine-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Facts_OfAPi_HaveItsModel()
    {
        Write("proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.4\0");

        MachineFacts facts = MachineFacts.Read(_root);

        Assert.Equal("Raspberry Pi 4 Model B Rev 1.4", facts.Model);
        Assert.Equal(Environment.ProcessorCount, facts.Cores);
        Assert.True(facts.Memory > 0);
        Assert.Equal(["arch", "cores", "memory", "model"], facts.ToJson().Keys);
    }

    [Fact]
    public void Heat_OfAPi_IsItsProcessorsAndWhatHoldsItBackNow()
    {
        Write("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n");
        Write("sys/class/thermal/thermal_zone0/temp", "61834\n");
        Write("sys/class/thermal/thermal_zone1/type", "gpu-thermal\n");
        Write("sys/class/thermal/thermal_zone1/temp", "90000\n");
        Write("sys/devices/platform/soc/soc:firmware/get_throttled", "50005\n");

        MachineHeat heat = MachineHeat.Read(_root);

        Assert.Equal(61.8, heat.Celsius);
        Assert.Equal(["under-voltage", "throttled"], heat.Throttled);
    }

    [Fact]
    public void Heat_OnlyEarlier_HoldsNothingBackNow()
    {
        Write("sys/devices/platform/soc/soc:firmware/get_throttled", "50000\n");

        Assert.Empty(MachineHeat.Read(_root).Throttled!);
    }

    [Fact]
    public void MachineThatTellsNothing_IsUnknown()
    {
        Assert.Null(MachineFacts.Read(_root).Model);
        Assert.Equal(new MachineHeat(null, null), MachineHeat.Read(_root));
    }

    private void Write(string file, string text)
    {
        string path = Path.Combine(_root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
