namespace Essaim.Compare;

/// <summary>Where the scripts of the other products are: in the source tree, which the launcher names.</summary>
internal static class Scripts
{
    public const string Variable = "COMPARE_SCRIPTS";

    public static string Folder(string product)
    {
        string? root = Environment.GetEnvironmentVariable(Variable);
        string folder = Path.Combine(root ?? Path.Combine(AppContext.BaseDirectory, "../../../scripts"), product);
        return Directory.Exists(folder)
            ? Path.GetFullPath(folder)
            : throw new UsageException($"The scripts of {product} are not in {folder}. Start the comparison with bench/compare, or set {Variable}.");
    }
}
