namespace Essaim.Edge;

/// <summary>The calls to the kernel that GPIO needs.</summary>
internal unsafe interface IGpioKernel
{
    /// <summary>Paths of the chips' devices.</summary>
    IReadOnlyList<string> Chips();

    /// <returns>A descriptor; below 0, the error's number negated.</returns>
    int Open(string path);

    /// <returns>0 or more; below 0, the error's number negated.</returns>
    int Control(int descriptor, uint request, void* argument);

    /// <returns>Bytes read; below 0, the error's number negated.</returns>
    int Read(int descriptor, Span<byte> target);

    /// <summary>Waits for something to read.</summary>
    /// <returns>1 there is something, 0 the time is over; below 0, the error's number negated.</returns>
    int Poll(int descriptor, int milliseconds);

    void Close(int descriptor);

    /// <summary>An error in words.</summary>
    string Describe(int error);
}
