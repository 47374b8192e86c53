namespace Essaim.Tests.Workers;

/// <summary>Looks at processes that are not ours to wait for.</summary>
internal static class Processes
{
    /// <summary>False where the process is gone, or is only waiting for its parent to take notice.</summary>
    public static bool IsAlive(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[stat.LastIndexOf(')')..].Split(' ')[1] is not ("Z" or "X");
        }
        catch (IOException)
        {
            return false;
        }
    }
}
