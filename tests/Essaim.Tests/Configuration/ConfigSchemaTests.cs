using Essaim.Tests.Architecture;

namespace Essaim.Tests.Configuration;

/// <summary>The schema in the repository is the one the program checks by.</summary>
public sealed class ConfigSchemaTests
{
    [Fact]
    public void Schema_InTheRepository_IsTheProgramsOwn()
    {
        string file = Path.Combine(Repository.Root, "docs/schemas/essaim.queues.schema.json");
        if (Environment.GetEnvironmentVariable("ESSAIM_APPROVE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, ConfigSchema.Write());
        }

        Assert.Equal(ConfigSchema.Write(), File.ReadAllText(file));
    }
}
