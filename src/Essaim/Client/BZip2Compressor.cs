using Essaim.Protocol;
using ICSharpCode.SharpZipLib.BZip2;

namespace Essaim;

/// <summary>bzip2, which the framework lacks and Celery fleets use.</summary>
internal sealed class BZip2Compressor : IMessageCompressor
{
    private static readonly Lazy<bool> Registration = new(() =>
    {
        MessageCompression.Register("application/x-bz2", ["bzip2", "bz2"], new BZip2Compressor());
        return true;
    });

    /// <summary>Makes it known to the whole process; called by whatever first reads or writes bodies.</summary>
    public static void Register() => _ = Registration.Value;

    public Stream OpenCompressor(Stream destination) => new BZip2OutputStream(destination) { IsStreamOwner = false };

    public Stream OpenDecompressor(Stream source) => new BZip2InputStream(source) { IsStreamOwner = false };
}
