namespace Essaim;

/// <summary>Whether <c>task-*</c> events are sent; remote control turns it.</summary>
internal sealed class TaskEventSwitch(bool on)
{
    private volatile bool _on = on;

    public bool IsOn
    {
        get => _on;
        set => _on = value;
    }
}
