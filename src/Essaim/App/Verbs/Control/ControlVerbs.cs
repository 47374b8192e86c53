using System.CommandLine;

namespace Essaim;

/// <summary><c>control</c>: gives orders to workers, Essaim's or Celery's.</summary>
internal sealed class ControlVerbs : Command
{
    public ControlVerbs()
        : base("control", "Gives orders to workers (Essaim's or Celery's) and shows what they answer.")
    {
        Add(new RevokeVerb());
        Add(new RateLimitVerb());
        Add(new TimeLimitVerb());
        Add(new AddConsumerVerb());
        Add(new CancelConsumerVerb());
        Add(new ControlVerb("enable-events", "Makes workers send events of tasks."));
        Add(new ControlVerb("disable-events", "Makes workers send events of tasks no longer."));
        Add(new HeartbeatVerb());
        Add(new PoolVerb("pool-grow", "Gives workers more slots."));
        Add(new PoolVerb("pool-shrink", "Takes slots from workers."));
        Add(new AutoscaleVerb());
        Add(new ShutdownVerb());
    }
}
