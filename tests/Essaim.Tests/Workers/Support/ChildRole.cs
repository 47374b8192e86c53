using Microsoft.Extensions.DependencyInjection;

namespace Essaim.Tests.Workers;

/// <summary>This program as a child process of a worker under test.</summary>
internal static class ChildRole
{
    public const string Verb = ChildLaunch.Verb;

    public static async Task<int> RunAsync()
    {
        ChildHost.Detach();
        ServiceCollection services = new();
        services.AddSingleton<ITaskRunner, ScriptedRunner>();
        return await ChildHost.RunAsync(services.BuildServiceProvider(), CancellationToken.None);
    }
}
