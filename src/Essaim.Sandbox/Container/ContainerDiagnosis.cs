namespace Essaim.Sandbox;

/// <summary>What to do about what podman or docker says when it cannot make a container.</summary>
internal static class ContainerDiagnosis
{
    private static readonly (string Sign, string Advice)[] Known =
    [
        ("hybrid mode", "crun does not work where control groups of both versions are mounted: apt-get install runc, and name it (ESSAIM_CONTAINER_RUNTIME=runc)."),
        ("Cannot connect to the Docker daemon", "docker's daemon does not answer: start it, or name podman (ESSAIM_CONTAINER_COMMAND=podman)."),
        ("permission denied while trying to connect", "This user may not speak to docker's daemon: add it to the group docker, or use podman."),
        ("newuidmap", "podman without root needs apt-get install uidmap, and lines for this user in /etc/subuid and /etc/subgid."),
        ("Exec format error", "The image is for another kind of processor: name one for this machine's."),
        ("exec format error", "The image is for another kind of processor: name one for this machine's."),
        ("executable file `runc` not found", "apt-get install runc."),
        ("default OCI runtime", "podman has no runtime: apt-get install runc, or crun."),
        ("python3: No such file", "The image has no python3 on its PATH: name one that has, or say how it is called there (python)."),
        ("memory.limit_in_bytes", "The kernel's memory controller is off; a container needs it (cgroup_enable=memory on a Raspberry Pi)."),
    ];

    /// <summary>Why memory may not be limited: what to do.</summary>
    public static string Memory(ContainerOptions options, bool secondGroups) => options switch
    {
        { IsVisor: true } => "gVisor must have its control group: not --ignore-cgroups.",
        _ when !Environment.IsPrivilegedProcess && !secondGroups =>
            "Without root podman limits nothing where control groups are of version 1: start the machine with version 2 (systemd.unified_cgroup_hierarchy=1), or the worker as root.",
        _ => "The container has no memory controller: is the kernel's on (cgroup_enable=memory on a Raspberry Pi), and, without root, delegated (Delegate=memory)?",
    };

    /// <summary>One sentence: what is missing, and what to do.</summary>
    public static string Explain(string message) => Known.FirstOrDefault(known => message.Contains(known.Sign, StringComparison.Ordinal)) is { Advice: { } advice }
        ? $"{advice} ({message})"
        : message;
}
