using System.Threading.RateLimiting;

namespace Essaim.Server.Web;

/// <summary>Ten wrong keys a minute, from whomever: the core is asked through loopback, so it does not know who asks.</summary>
internal sealed class SignInLimiter : IDisposable
{
    public const int WrongKeys = 10;
    private readonly FixedWindowRateLimiter _wrong = new(new FixedWindowRateLimiterOptions { PermitLimit = WrongKeys, Window = TimeSpan.FromMinutes(1) });

    /// <summary>A key may be tried now.</summary>
    public bool IsOpen
    {
        get
        {
            using RateLimitLease lease = _wrong.AttemptAcquire(0);
            return lease.IsAcquired;
        }
    }

    /// <summary>A key was wrong.</summary>
    public void Count() => _wrong.AttemptAcquire().Dispose();

    public void Dispose() => _wrong.Dispose();
}
