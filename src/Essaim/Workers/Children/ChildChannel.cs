using Microsoft.Win32.SafeHandles;

namespace Essaim;

/// <summary>The child's ends of the two pipes, whose numbers come in an environment variable.</summary>
internal static class ChildChannel
{
    /// <summary><c>read,write</c>: descriptors of the child's ends.</summary>
    public const string Variable = "ESSAIM_CHILD_CHANNEL";

    /// <summary>Opens the pipes and keeps them from programs this child starts. Null where this process is no child.</summary>
    public static (Stream Input, Stream Output)? Open()
    {
        string? text = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        string[] parts = text?.Split(',') ?? [];
        if (parts.Length != 2 || !int.TryParse(parts[0], out int input) || !int.TryParse(parts[1], out int output))
            return null;
        Posix.KeepFromChildren(input);
        Posix.KeepFromChildren(output);
        return (OpenPipe(input, FileAccess.Read), OpenPipe(output, FileAccess.Write));
    }

    // As files: a pipe's own stream would bring the whole of the sockets library into each child's memory.
    private static FileStream OpenPipe(int descriptor, FileAccess access) => new(new SafeFileHandle(descriptor, ownsHandle: true), access, bufferSize: 0);
}
