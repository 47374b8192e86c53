using System.CommandLine;

namespace Essaim;

/// <summary>What a program adds to <c>doctor</c>.</summary>
internal interface IDoctorPart
{
    /// <summary>Adds its options.</summary>
    void AddTo(Command command);

    /// <summary>Looks; changes nothing.</summary>
    IAsyncEnumerable<DoctorFinding> LookAsync(CommandContext context, CancellationToken cancellationToken);
}
