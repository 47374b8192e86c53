namespace Essaim.Tests.Workers;

/// <summary>Memory that this process takes and never gives back.</summary>
internal static class Ballast
{
    private static readonly List<byte[]> Kept = [];

    public static void Add(int megabytes)
    {
        for (int one = 0; one < megabytes; one++)
        {
            byte[] bytes = new byte[1 << 20];
            Array.Fill(bytes, (byte)1);
            Kept.Add(bytes);
        }
    }
}
