using System.Text.Json;

namespace Essaim.Sandbox;

/// <summary>A file the run may read, as <c>/in/NAME</c>.</summary>
/// <param name="Name">Its name there: no folder, not <c>params.json</c>.</param>
/// <param name="Path">Where it lies on this machine; it is copied.</param>
internal sealed record InputFile(string Name, string Path)
{
    /// <summary>Says whether a run may have a file of this name.</summary>
    public static bool IsName(string name) =>
        name is not ("" or "." or ".." or "params.json") && name.Length <= 200 && !name.Contains('/', StringComparison.Ordinal) && !name.Any(char.IsControl);
}

/// <summary>What to run, with what, within which limits.</summary>
/// <param name="FileName">How the file is called in tracebacks and messages.</param>
/// <param name="Source">The file's bytes: Python, with or without <c>main</c>, at most 1 MiB; or a zip with a <c>main.py</c>, at most 16 MiB.</param>
internal sealed record RunRequest(string FileName, ReadOnlyMemory<byte> Source)
{
    /// <summary>The largest file, and the largest set of inputs, in bytes.</summary>
    public const int MostBytes = 1 << 20;

    /// <summary>The largest zip, in bytes.</summary>
    public const int MostArchiveBytes = 16 << 20;

    /// <summary>32 lower-case hexadecimal digits, of nobody else.</summary>
    public string Id { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>The source is a zip.</summary>
    public bool IsArchive => Source.Span.StartsWith("PK\u0003\u0004"u8);

    /// <summary>The file lines and columns are of.</summary>
    public string SourceName => IsArchive ? "main.py" : FileName;

    /// <summary>Inputs that have their type.</summary>
    public IReadOnlyDictionary<string, JsonElement> Inputs { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Inputs as words of a command line: the signature says what they are.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; init; } = new Dictionary<string, string>();

    /// <summary>Files to read.</summary>
    public IReadOnlyList<InputFile> Files { get; init; } = [];

    /// <summary>What it may use.</summary>
    public RunLimits Limits { get; init; } = new();

    /// <summary>
    /// The run is ended where nobody has said that it is wanted for this long (<see cref="ISandboxRun.Keep"/>): its worker is gone and none has come
    /// for it. Null (default): it goes on to its time limit.
    /// </summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>Look at its imports before it runs. Syntax and inputs are looked at always.</summary>
    public bool Checks { get; init; } = true;

    /// <summary>
    /// Look at it only, and tell its inputs as JSON Schema and what it imports: nothing of it runs. Without <see cref="Checks"/>, packages that are
    /// missing are told, and it is not refused for them.
    /// </summary>
    public bool LookOnly { get; init; }

    /// <summary>Refuses what cannot be run.</summary>
    /// <exception cref="SandboxException"><c>ESS6002</c> limits; <c>ESS6003</c> the file or the inputs.</exception>
    public void Validate()
    {
        if (Limits.Problems().ToList() is { Count: > 0 } problems)
            throw new SandboxException("ESS6002", string.Join(' ', problems));
        int most = IsArchive ? MostArchiveBytes : MostBytes;
        if (Source.Length > most)
            throw new SandboxException("ESS6003", $"{FileName} has {Source.Length} bytes; a function has at most {most}. Give data as files (--file).");
        if (FileName.Length is 0 or > 200 || FileName.Any(char.IsControl))
            throw new SandboxException("ESS6003", "The name of a function's file is 1 to 200 characters, none of them a control character.");
        foreach (InputFile file in Files)
        {
            if (!InputFile.IsName(file.Name))
                throw new SandboxException("ESS6003", $"An input file cannot be called '{file.Name}'. Give it another name.");
        }

        if (Files.GroupBy(file => file.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new SandboxException("ESS6003", $"Two input files are called '{twice.Key}'. Rename one of them.");
    }
}
