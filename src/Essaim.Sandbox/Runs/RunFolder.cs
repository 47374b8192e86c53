using System.Globalization;
using System.Text.Json;

namespace Essaim.Sandbox;

/// <summary>The folder of one run: what it is given, what it leaves, and what the shim says. Its layout is the contract between the two.</summary>
/// <param name="path">Where it lies.</param>
internal sealed class RunFolder(string path)
{
    private const UnixFileMode Passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute;
    private const UnixFileMode Listed = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public string Path => path;

    public string Id => System.IO.Path.GetFileName(path);

    public string Main => Below("main.py");

    public string In => Below("in");

    public string Out => Below("out");

    public string Collected => Below("collected");

    public string Log => Below("log");

    public string LogTail => Below("log.tail");

    public string Events => Below("events");

    public string Exit => Below("exit.json");

    public bool Exists => File.Exists(Below("run.json"));

    /// <summary>What the worker that starts the run writes down, for the one that collects it.</summary>
    public RunFacts ReadFacts() => JsonSerializer.Deserialize<RunFacts>(File.ReadAllBytes(Below("run.json")))!;

    /// <summary>The shim's process; 0 where there is none yet.</summary>
    public int ShimProcess => int.TryParse(GroupFile.Read(Below("pid")).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : 0;

    /// <summary>True while the shim is there: it holds a lock for as long as it lives.</summary>
    public bool IsHeld
    {
        get
        {
            try
            {
                using FileStream mine = new(Below("lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                return false;
            }
            catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
            {
                return false;
            }
            catch (IOException)
            {
                return true;
            }
        }
    }

    /// <summary>Makes it and puts in what the run is given.</summary>
    public void Prepare(RunRequest request, RunFacts facts)
    {
        MakeFolders();
        Write("main.py", request.Source.Span);
        Write(System.IO.Path.Combine("in", "params.json"), ParametersOf(request));
        foreach (InputFile file in request.Files)
        {
            string copy = System.IO.Path.Combine(In, file.Name);
            File.Copy(file.Path, copy);
            File.SetUnixFileMode(copy, Readable);
        }

        Write("run.json", JsonSerializer.SerializeToUtf8Bytes(facts));
    }

    /// <summary>Makes it for a run that is not known yet. What is in the sandbox by its own name must be there.</summary>
    public void PrepareEmpty()
    {
        MakeFolders();
        Write("main.py", []);
    }

    /// <summary>Tells the shim that somebody waits.</summary>
    public void Touch()
    {
        try
        {
            File.WriteAllText(Below("wanted"), "");
        }
        catch (DirectoryNotFoundException)
        {
            // It has been removed by then.
        }
    }

    public void Write(string name, ReadOnlySpan<byte> content)
    {
        string file = Below(name);
        File.WriteAllBytes(file, content);
        File.SetUnixFileMode(file, Readable);
    }

    private void MakeFolders()
    {
        Make(path, Passable);
        Make(In, Listed);
        Make(Out, Listed);
    }

    private static byte[] ParametersOf(RunRequest request)
    {
        if (request.Inputs.Count == 0 && request.Texts.Count == 0)
            return "{}"u8.ToArray();
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["inputs"] = request.Inputs, ["texts"] = request.Texts });
        return text.Length <= RunRequest.MostBytes
            ? text
            : throw new SandboxException("ESS6003", $"The inputs take {text.Length} bytes; at most {RunRequest.MostBytes} are allowed. Give large data as files (--file).");
    }

    private static void Make(string folder, UnixFileMode mode)
    {
        Directory.CreateDirectory(folder);
        // Whatever this process's umask is.
        File.SetUnixFileMode(folder, mode);
    }

    private string Below(string name) => System.IO.Path.Combine(path, name);
}

/// <summary>What must be known of a run to collect it.</summary>
/// <param name="FileName">How its file is called.</param>
/// <param name="Limits">Its limits.</param>
/// <param name="Groups">Its control groups.</param>
/// <param name="SecondGroups">They are of version 2.</param>
/// <param name="Started">When it was started.</param>
internal sealed record RunFacts(string FileName, RunLimits Limits, IReadOnlyList<string> Groups, bool SecondGroups, DateTimeOffset Started)
{
    /// <summary>Processor time its groups had used before it began.</summary>
    public TimeSpan CpuBefore { get; init; }
}
