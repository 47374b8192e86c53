using Microsoft.Extensions.DependencyInjection;

namespace Essaim;

/// <summary>
/// The hidden verb <c>child</c>: a process a worker started to run tasks. It goes round the command line parser, because a child's
/// start is time a task waits.
/// </summary>
internal static class ChildVerb
{
    /// <summary>Names the broker of the worker; it may hold a password, so it is neither an argument nor left for programs a task starts.</summary>
    public const string Broker = "ESSAIM_CHILD_BROKER";

    public static async Task<int> RunAsync(AppDefinition definition, CancellationToken cancellationToken)
    {
        ChildHost.Detach();
        string? broker = Environment.GetEnvironmentVariable(Broker);
        Environment.SetEnvironmentVariable(Broker, null);
        ServiceProvider services = definition.Services.AddEssaim(definition.ChooseBroker(broker)).BuildServiceProvider();
        return await ChildHost.RunAsync(services, cancellationToken);
    }
}
