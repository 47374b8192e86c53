namespace Essaim.Edge;

/// <summary>What a slot shows with its lights. Safe on all threads.</summary>
internal sealed class SlotLights(IGpio gpio, TimeProvider time) : IDisposable
{
    /// <summary>A vote was accepted: it is on the disk.</summary>
    public const string Accepted = "LED_ACCEPTED";

    /// <summary>A vote was refused.</summary>
    public const string Error = "LED_ERROR";

    /// <summary>The core can be reached.</summary>
    public const string Link = "LED_LINK";

    private static readonly TimeSpan s_flash = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan s_blink = TimeSpan.FromMilliseconds(250);
    private const int Blinks = 20;
    private readonly Lock _gate = new();
    private readonly List<ITimer> _timers = [];
    private bool _isLinked;
    private bool _isClosed;

    public void ShowAccepted() => Flash(Accepted);

    public void ShowRefused() => Flash(Error);

    public void ShowLink(bool isLinked)
    {
        _isLinked = isLinked;
        gpio.Set(Link, isLinked);
    }

    /// <summary>Blinks with all lights for five seconds.</summary>
    public void Identify()
    {
        for (int i = 0; i < Blinks; i++)
        {
            bool isOn = i % 2 == 0;
            After(s_blink * i, () => SetAll(isOn));
        }

        After(s_blink * Blinks, () =>
        {
            SetAll(false);
            gpio.Set(Link, _isLinked);
        });
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (ITimer timer in _timers)
                timer.Dispose();
            _timers.Clear();
        }
    }

    private void SetAll(bool isOn)
    {
        foreach (string light in (string[])[Accepted, Error, Link])
            gpio.Set(light, isOn);
    }

    private void Flash(string light)
    {
        gpio.Set(light, true);
        After(s_flash, () => gpio.Set(light, false));
    }

    private void After(TimeSpan wait, Action action)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            ITimer? timer = null;
            // Not started before it is known by its name, as it removes itself.
            timer = time.CreateTimer(
                _ =>
                {
                    lock (_gate)
                    {
                        if (_isClosed)
                            return;
                        _timers.Remove(timer!);
                    }

                    timer!.Dispose();
                    try
                    {
                        action();
                    }
                    catch (EdgeException)
                    {
                        // The chip is gone; whoever reads its inputs is told, and the agent ends.
                    }
                },
                null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timers.Add(timer);
            timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }
}
