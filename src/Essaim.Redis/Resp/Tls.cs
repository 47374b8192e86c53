using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Essaim.Redis;

/// <summary>Encryption as redis-py's options ask for it: <c>ssl_ca_certs</c>, <c>ssl_cert_reqs</c>, <c>ssl_certfile</c>, <c>ssl_keyfile</c>, <c>ssl_check_hostname</c>.</summary>
internal sealed class Tls
{
    private readonly bool _verify;
    private readonly bool _checkName;
    private readonly X509Certificate2Collection? _authorities;
    private readonly X509Certificate2? _own;

    /// <exception cref="BackendException"><c>ESS2101</c>: a file it names cannot be read.</exception>
    public Tls(RedisUrl url)
    {
        string wanted = url.Options.GetValueOrDefault("ssl_cert_reqs", "required").Replace("CERT_", "", StringComparison.OrdinalIgnoreCase);
        _verify = !wanted.Equals("none", StringComparison.OrdinalIgnoreCase);
        _checkName = !url.Options.GetValueOrDefault("ssl_check_hostname", "true").Equals("false", StringComparison.OrdinalIgnoreCase);
        try
        {
            if (url.Options.GetValueOrDefault("ssl_ca_certs") is { } authorities)
            {
                _authorities = [];
                _authorities.ImportFromPemFile(authorities);
            }

            if (url.Options.GetValueOrDefault("ssl_certfile") is { } certificate)
                _own = X509Certificate2.CreateFromPemFile(certificate, url.Options.GetValueOrDefault("ssl_keyfile"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new BackendException("ESS2101", $"The broker URL {url.Display} names a certificate file that cannot be read: {error.Message}", error);
        }
    }

    /// <exception cref="BackendException"><c>ESS2107</c>: the server could not be trusted.</exception>
    public Stream Authenticate(Stream plain, string host, string address)
    {
        SslStream stream = new(plain);
        try
        {
            SslClientAuthenticationOptions options = new()
            {
                TargetHost = host,
                RemoteCertificateValidationCallback = (_, _, _, errors) => IsTrusted(errors),
                CertificateChainPolicy = ChainPolicy(),
            };
            if (_own is not null)
                options.ClientCertificates = [_own];
            stream.AuthenticateAsClient(options);
            return stream;
        }
        catch (AuthenticationException error)
        {
            stream.Dispose();
            throw new BackendException(
                "ESS2107",
                $"Redis at {address} could not be trusted: {error.Message} Name the authority that signed its certificate with ssl_ca_certs=FILE in the broker URL, and use the host name the certificate is for.",
                error);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Trust in the authorities of <c>ssl_ca_certs</c> alone; certificates between theirs and the server's come from the server.</summary>
    private X509ChainPolicy? ChainPolicy()
    {
        if (_authorities is null)
            return null;
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(_authorities);
        return policy;
    }

    private bool IsTrusted(SslPolicyErrors errors) =>
        !_verify || (_checkName ? errors : errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None;
}
