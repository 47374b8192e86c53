using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Essaim.Edge;

/// <summary>TLS to a broker. With a file of authorities, those alone are trusted; without, the system's.</summary>
/// <param name="AuthorityFile">PEM file; null: the system's authorities.</param>
internal sealed record MqttTls(string? AuthorityFile = null)
{
    /// <summary>The encrypted stream.</summary>
    /// <exception cref="MqttException"><c>ESS6103</c> not trusted, <c>ESS6106</c> the file cannot be read.</exception>
    public async ValueTask<Stream> AuthenticateAsync(Stream plain, string host, string address, CancellationToken cancellationToken)
    {
        SslStream stream = new(plain);
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = ChainPolicy() }, cancellationToken);
            return stream;
        }
        catch (AuthenticationException error)
        {
            await stream.DisposeAsync();
            throw MqttException.Untrusted(address, error);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private X509ChainPolicy? ChainPolicy()
    {
        if (AuthorityFile is null)
            return null;
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(AuthorityFile);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw MqttException.CertificateFile(AuthorityFile, error);
        }

        return policy;
    }
}
