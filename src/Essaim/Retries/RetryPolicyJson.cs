using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>A retry policy as the header <c>essaim-retry</c> carries it.</summary>
internal static class RetryPolicyJson
{
    public static RawJson Write(RetryPolicy policy) => RawJson.From(
        new Wire(
            policy.MaxRetries, policy.Delay.TotalSeconds, policy.BackOff == BackOff.Exponential, policy.MaxDelay.TotalSeconds,
            policy.Jitter, policy.RetryOn, policy.DoNotRetryOn),
        JsonSerializerOptions.Web);

    /// <summary>Null where the header is not a policy: a stranger's header must not fail the task.</summary>
    public static RetryPolicy? Read(RawJson json)
    {
        try
        {
            return json.Deserialize<Wire>(JsonSerializerOptions.Web) is { Max: >= 0, Delay: >= 0, Cap: >= 0 } wire
                ? new RetryPolicy
                {
                    MaxRetries = wire.Max,
                    Delay = TimeSpan.FromSeconds(wire.Delay),
                    BackOff = wire.Exponential ? BackOff.Exponential : BackOff.Constant,
                    MaxDelay = TimeSpan.FromSeconds(wire.Cap),
                    Jitter = wire.Jitter,
                    RetryOn = wire.On ?? [],
                    DoNotRetryOn = wire.Except ?? [],
                }
                : null;
        }
        catch (Exception error) when (error is JsonException or OverflowException)
        {
            return null;
        }
    }

    private sealed record Wire(
        int Max, double Delay, bool Exponential, double Cap, bool Jitter, IReadOnlyList<string>? On, IReadOnlyList<string>? Except);
}
