using Essaim.Protocol;

namespace Essaim;

/// <summary>Asks a handler for its answer; one that throws answers with its error, so that one bad request does not end the service.</summary>
internal static class ControlAnswer
{
    /// <summary>The answer, an <c>{"error": …}</c> object, or null where no reply is to be sent.</summary>
    public static async ValueTask<RawJson?> GetAsync(
        Func<ControlRequest, CancellationToken, ValueTask<RawJson?>> handler, ControlRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await handler(request, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return RawJson.From(new Dictionary<string, string> { ["error"] = error.Message });
        }
    }
}
