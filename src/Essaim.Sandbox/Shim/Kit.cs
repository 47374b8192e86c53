using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Essaim.Sandbox;

/// <summary>
/// What every run needs and none may change: the shim, the seccomp filter, the Python around the user's file, and a user list. Unpacked once
/// into a folder named by its content.
/// </summary>
internal sealed class Kit
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Runnable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private static readonly string[] Scripts = ["boot.py", "essaim.py", "essaim_inputs.py"];

    private Kit(string folder) => Folder = folder;

    /// <summary>Where it lies.</summary>
    public string Folder { get; }

    /// <summary>The shim's executable.</summary>
    public string Shim => Path.Combine(Folder, "essaim-shim");

    /// <summary>The filter. The soft one keeps memory nobody sees from a program, for kernels that cannot count it.</summary>
    public string Filter(bool soft) => Path.Combine(Folder, soft ? "soft.bpf" : "filter.bpf");

    /// <summary>The filter as docker and podman read it. gVisor knows one error only, so its filter has one rule less.</summary>
    public string Profile(bool visor) => Path.Combine(Folder, visor ? "visor.json" : "container.json");

    /// <summary>Unpacks it where it is not there yet.</summary>
    /// <exception cref="SandboxException"><c>ESS6001</c> there is no shim for this processor, or the folder cannot be written.</exception>
    public static Kit Unpack(string root)
    {
        string machine = MachineName();
        (string Name, byte[] Content)[] files =
        [
            ("essaim-shim", Resource("essaim-shim-" + machine)),
            ("filter.bpf", Resource(machine + ".bpf")),
            ("soft.bpf", Resource(machine + "-soft.bpf")),
            ("container.json", Resource("container.json")),
            ("visor.json", Resource("visor.json")),
            .. Scripts.Select(script => (script, Resource(script))),
            ("passwd", "root:x:0:0:root:/:/usr/sbin/nologin\ntask:x:1000:1000:task:/tmp:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n"u8.ToArray()),
            ("group", "root:x:0:\ntask:x:1000:\nnogroup:x:65534:\n"u8.ToArray()),
        ];
        Kit kit = new(Path.Combine(root, "kit-" + Hash(files)));
        if (!Directory.Exists(kit.Folder))
            Write(kit.Folder, files);
        return kit;
    }

    /// <summary>The file that remembers what was proven of an interpreter below a root.</summary>
    internal static string ProofOf(string root, string python) => (root, python) == ("", "/usr/bin/python3") ? "proof.json"
        : $"proof-{Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{root}|{python}")))[..16]}.json";

    /// <summary>The filter of pods a worker runs in: as a container's, and what bubblewrap needs to make its walls in there.</summary>
    public static string PodProfile() => System.Text.Encoding.UTF8.GetString(Resource("pod.json"));

    internal static string MachineName() => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 when OperatingSystem.IsLinux() => "x64",
        Architecture.Arm64 when OperatingSystem.IsLinux() => "arm64",
        _ => throw new SandboxException(
            "ESS6001",
            $"There is no sandbox for {RuntimeInformation.OSDescription} on {RuntimeInformation.OSArchitecture}: bubblewrap needs 64-bit Linux on x64 or arm64. Run functions on another machine."),
    };

    private static byte[] Resource(string name)
    {
        using Stream stream = typeof(Kit).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is missing from {Assembly.GetExecutingAssembly().GetName().Name}.");
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    private static string Hash((string Name, byte[] Content)[] files)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string _, byte[] content) in files)
            hash.AppendData(SHA256.HashData(content));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static void Write(string folder, (string Name, byte[] Content)[] files)
    {
        string building = $"{folder}.{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(building, Runnable);
            File.SetUnixFileMode(building, Runnable);
            foreach ((string name, byte[] content) in files)
            {
                string file = Path.Combine(building, name);
                File.WriteAllBytes(file, content);
                File.SetUnixFileMode(file, name == "essaim-shim" ? Runnable : Readable);
            }

            Directory.Move(building, folder);
        }
        catch (Exception taken) when (taken is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(building))
                Directory.Delete(building, recursive: true);
            // Another process was quicker, or nobody can write here.
            if (!Directory.Exists(folder))
                throw new SandboxException("ESS6001", $"The sandbox's files cannot be written to {folder}: {taken.Message} Check who owns the folder, or name another.", taken);
        }
    }
}
