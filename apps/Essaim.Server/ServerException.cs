namespace Essaim.Server;

/// <summary>The core cannot start: address not allowed or taken, folder or key file not usable.</summary>
public sealed class ServerException : EssaimException
{
    internal ServerException(string code, string message, Exception? inner = null)
        : base(code, message, inner)
    {
    }
}
