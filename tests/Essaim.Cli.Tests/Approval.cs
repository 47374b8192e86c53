using System.Runtime.CompilerServices;

namespace Essaim.Cli.Tests;

/// <summary>Compares a text with the approved one; <c>ESSAIM_APPROVE=1</c> approves what came.</summary>
internal static class Approval
{
    public static void Check(string name, string text, [CallerFilePath] string source = "")
    {
        string file = Path.Combine(Path.GetDirectoryName(source)!, "Approved", $"{name}.txt");
        if (Environment.GetEnvironmentVariable("ESSAIM_APPROVE") == "1")
            File.WriteAllText(file, text);
        Assert.True(File.Exists(file), $"There is no approved text {file}. Run with ESSAIM_APPROVE=1, read what came, and commit it.");
        Assert.Equal(File.ReadAllText(file), text);
    }
}
