using Microsoft.AspNetCore.Http.HttpResults;

namespace Essaim.Server;

/// <summary>Ends a request with a problem document, from deep inside reading it.</summary>
internal sealed class ProblemException(ProblemHttpResult problem) : Exception
{
    public ProblemHttpResult Problem { get; } = problem;
}
