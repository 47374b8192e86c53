using System.CommandLine;

namespace Essaim;

/// <summary><c>inspect</c>: asks workers, Essaim's or Celery's, and shows what they answer.</summary>
internal sealed class InspectCommand : Command
{
    public InspectCommand()
        : base("inspect", "Asks workers (Essaim's or Celery's) and shows what they answer.")
    {
        Add(new InspectVerb("ping", "ping", "Shows which workers answer.", InspectTable.Ping));
        Add(new InspectVerb("stats", "stats", "Shows process, slots and counts of workers.", InspectTable.Stats));
        Add(new InspectVerb("active", "active", "Shows the tasks that run.", InspectTable.Tasks));
        Add(new InspectVerb("reserved", "reserved", "Shows the tasks workers hold but have not started.", InspectTable.Tasks));
        Add(new InspectVerb("scheduled", "scheduled", "Shows the tasks workers hold until their time.", InspectTable.Scheduled));
        Add(new InspectVerb("revoked", "revoked", "Shows the ids of revoked tasks.", InspectTable.Items));
        Add(new InspectVerb("registered", "registered", "Shows the tasks workers can run.", InspectTable.Registered));
        Add(new InspectVerb("active-queues", "active_queues", "Shows the queues workers serve.", InspectTable.Queues));
        Add(new ConfVerb());
        Add(new ReportVerb());
        Add(new QueryTaskVerb());
        Add(new InspectVerb("clock", "clock", "Shows the logical clock of workers.", InspectTable.Clock));
    }
}
