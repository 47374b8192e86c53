namespace Essaim;

/// <summary>Tasks are put together in a way that cannot run.</summary>
public sealed class CanvasException : EssaimException
{
    internal CanvasException(string message)
        : base("ESS1205", message)
    {
    }
}
