using System.Reflection;

namespace Essaim.Tests.Architecture;

/// <summary>
/// What users compile against changes only on purpose: after a wanted change, copy the <c>.received.txt</c> beside the approved file over it.
/// </summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData("Essaim.Protocol")]
    [InlineData("Essaim")]
    [InlineData("Essaim.Testing")]
    public void PublicApi_OfPackage_IsAsApproved(string name)
    {
        string folder = Path.Combine(Repository.Root, "tests/Essaim.Tests/Architecture/Approved");
        string approved = Path.Combine(folder, $"{name}.txt");
        string received = Path.Combine(folder, $"{name}.received.txt");

        string now = PublicApi.Describe(Assembly.Load(name));

        if (File.Exists(approved) && File.ReadAllText(approved) == now)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, now);
        Assert.Equal(File.Exists(approved) ? File.ReadAllText(approved) : "", now);
    }
}
