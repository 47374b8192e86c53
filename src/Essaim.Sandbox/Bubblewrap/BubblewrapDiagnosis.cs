namespace Essaim.Sandbox;

/// <summary>What to do about what bubblewrap says when it cannot make a sandbox.</summary>
internal static class BubblewrapDiagnosis
{
    private static readonly (string Sign, string Advice)[] Known =
    [
        ("setting up uid map: Permission denied", "AppArmor keeps bubblewrap from making user namespaces (Ubuntu 24.04 and later): add a profile for /usr/bin/bwrap that allows 'userns', see docs/functions.md."),
        ("No permissions to creat", "The kernel lets no user make namespaces: sysctl kernel.unprivileged_userns_clone=1."),
        ("Creating new namespace failed", "The kernel or this container lets no user make namespaces: sysctl user.max_user_namespaces=10000, or run the worker outside of the container."),
        ("pivot_root", "The worker runs in a chroot or on an initial ramdisk, where no namespace can be entered: start it from the real root."),
        ("Can't mount proc", "This container hides parts of /proc: run the worker outside of it, or give the container systempaths=unconfined."),
        ("Unknown option --disable-userns", "bubblewrap is older than 0.8: update it."),
        ("--size", "bubblewrap is older than 0.8: update it."),
        ("setgroups: Operation not permitted", "The worker is root without the right to change users (CAP_SETUID, CAP_SETGID): give it these, or start it as another user."),
        ("setresuid: Operation not permitted", "The worker is root without the right to change users (CAP_SETUID, CAP_SETGID): give it these, or start it as another user."),
    ];

    /// <summary>One sentence: what is missing, and what to do.</summary>
    public static string Explain(string message) => Known.FirstOrDefault(known => message.Contains(known.Sign, StringComparison.Ordinal)) is { Advice: { } advice }
        ? $"{advice} ({message})"
        : message;
}
