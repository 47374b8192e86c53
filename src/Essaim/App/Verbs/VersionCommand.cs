using System.Reflection;
using System.Runtime.InteropServices;

namespace Essaim;

/// <summary><c>version</c>: versions of the program, Essaim and the runtime.</summary>
internal sealed class VersionCommand : AppCommand
{
    public VersionCommand()
        : base("version", "Prints the version.", usesBroker: false) => Examples = ["version", "version --format json"];

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string program = VersionOf(Assembly.GetEntryAssembly() ?? typeof(EssaimApp).Assembly);
        string essaim = VersionOf(typeof(EssaimApp).Assembly);
        string system = RuntimeInformation.RuntimeIdentifier;
        if (context.Output.IsJson)
            context.Output.Json(new { name = context.Definition.Name, version = program, essaim, runtime = Environment.Version.ToString(), system });
        else
            context.Output.Data($"{context.Definition.Name} {program} (Essaim {essaim}, .NET {Environment.Version}, {system})");
        return Task.FromResult(ExitCodes.Ok);
    }

    private static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
