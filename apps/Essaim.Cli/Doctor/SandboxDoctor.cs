using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary><c>doctor</c> for functions: each environment of this machine is tried, as a worker does at its start.</summary>
internal sealed class SandboxDoctor : IDoctorPart
{
    public void AddTo(Command command)
    {
    }

    public async IAsyncEnumerable<DoctorFinding> LookAsync(CommandContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!TryLoad(out IReadOnlyList<SandboxEnvironment> declared, out DoctorFinding? wrong))
        {
            yield return wrong;
            yield break;
        }

        SandboxEnvironments environments = new(declared, new SandboxOptions(), TimeProvider.System);
        foreach (SandboxEnvironment environment in environments.All)
        {
            NodeEnvironment tried = EnvironmentOffers.Describe(environment, await environments.ProveAsync(environment.Name, cancellationToken));
            string check = $"functions: {environment.Name}";
            yield return tried switch
            {
                { Missing: { } missing } => new DoctorFinding(check, DoctorStatus.Warn, missing),
                _ when environment.Kind == ExecutorKind.Process => new DoctorFinding(check, DoctorStatus.Warn, "plain processes", tried.Advice),
                { Soft.Count: > 0 } => new DoctorFinding(check, DoctorStatus.Warn, $"{tried.Executor}; soft, that is not held by the kernel: {string.Join(", ", tried.Soft)}", tried.Advice),
                _ => new DoctorFinding(check, DoctorStatus.Ok, $"{tried.Executor}; its walls and limits were tried and hold"),
            };
        }
    }
    private static bool TryLoad(out IReadOnlyList<SandboxEnvironment> declared, [NotNullWhen(false)] out DoctorFinding? wrong)
    {
        try
        {
            (declared, wrong) = (EnvironmentCatalog.Load(), null);
            return true;
        }
        catch (SandboxException mistake)
        {
            (declared, wrong) = ([], new DoctorFinding("functions", DoctorStatus.Fail, mistake.Message));
            return false;
        }
    }
}
