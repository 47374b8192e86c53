using System.Reflection;

namespace Essaim;

/// <summary>Opens backends by URL: <c>memory:</c>, <c>sqlite:FILE</c>, and those of referenced packages.</summary>
public static class Backend
{
    private static readonly Dictionary<string, string> KnownAssemblies = new(StringComparer.Ordinal)
    {
        ["memory"] = "Essaim",
        ["sqlite"] = "Essaim.Sqlite",
        ["redis"] = "Essaim.Redis",
        ["rediss"] = "Essaim.Redis",
        ["redis+socket"] = "Essaim.Redis",
        ["unix"] = "Essaim.Redis",
        ["sentinel"] = "Essaim.Redis",
    };

    /// <summary>Opens the backend a URL names.</summary>
    /// <exception cref="BackendException"><c>ESS1001</c> no scheme or an unknown one; <c>ESS1002</c> its package is not referenced; others by the backend.</exception>
    public static ValueTask<IBackend> OpenAsync(string url, BackendContext context, CancellationToken cancellationToken)
    {
        int colon = url.IndexOf(':', StringComparison.Ordinal);
        string scheme = colon > 0 ? url[..colon] : "";
        if (!KnownAssemblies.TryGetValue(scheme, out string? assembly))
        {
            throw new BackendException(
                "ESS1001",
                $"The broker URL '{url}' does not start with a scheme Essaim knows. Use sqlite:FILE for one machine, memory: for tests, or redis://HOST:6379/0.");
        }

        return FindFactory(scheme, assembly).OpenAsync(url, context, cancellationToken);
    }

    private static IBackendFactory FindFactory(string scheme, string assemblyName)
    {
        try
        {
            BackendFactoryAttribute? found = Assembly.Load(assemblyName)
                .GetCustomAttributes<BackendFactoryAttribute>()
                .FirstOrDefault(candidate => candidate.Schemes.Contains(scheme));
            if (found is not null)
                return (IBackendFactory)Activator.CreateInstance(found.Factory)!;
        }
        catch (FileNotFoundException)
        {
            // Falls through to the error that names the package to add.
        }

        throw new BackendException(
            "ESS1002", $"The broker URL scheme '{scheme}:' needs the package {assemblyName}. Add a reference to {assemblyName} to this program.");
    }
}
