using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>A writer and its buffer, kept per thread: encoding a message allocates its result and nothing else.</summary>
internal sealed class JsonOutput : IDisposable
{
    /// <summary>A buffer grown past this by one large message is given back to the collector.</summary>
    private const int KeptBytes = 256 * 1024;

    private static readonly JsonWriterOptions Options = new()
    {
        // Nothing here is put into HTML; the default would write every quote and plus sign as an escape.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        // Shapes are fixed by this code, and raw values are checked where they come in.
        SkipValidation = true,
    };

    [ThreadStatic]
    private static JsonOutput? s_spare;

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);

    private JsonOutput() => Writer = new Utf8JsonWriter(_buffer, Options);

    public Utf8JsonWriter Writer { get; }

    /// <summary>What was written; valid until this is disposed.</summary>
    public ReadOnlySpan<byte> Written
    {
        get
        {
            Writer.Flush();
            return _buffer.WrittenSpan;
        }
    }

    public static JsonOutput Rent()
    {
        JsonOutput output = s_spare ?? new JsonOutput();
        s_spare = null;
        return output;
    }

    public void Dispose()
    {
        if (_buffer.Capacity > KeptBytes)
        {
            Writer.Dispose();
            return;
        }

        _buffer.ResetWrittenCount();
        Writer.Reset(_buffer);
        s_spare = this;
    }
}
