using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Essaim.Compare;

/// <summary>Copies of one Celery message, each with its own task id and delivery tag, written to Redis by the hundred.</summary>
internal sealed class EnvelopeCopier
{
    private const int PerCommand = 500;
    private const int CommandsUnderWay = 16;
    private const int IdLength = 36;
    private readonly string _queue;
    private readonly byte[] _template;
    private readonly int[] _ids;
    private long _next;
    private byte[] _buffer = new byte[1 << 20];
    private int _length;

    private EnvelopeCopier(string queue, string message)
    {
        JsonNode envelope = JsonNode.Parse(message)!;
        string id = envelope["headers"]!["id"]!.GetValue<string>();
        string tag = envelope["properties"]!["delivery_tag"]!.GetValue<string>();
        if (id.Length != IdLength || tag.Length != IdLength)
            throw new InvalidOperationException($"The message has no UUIDs as task id and delivery tag, so it cannot be copied: {message}");
        _queue = queue;
        _template = Encoding.UTF8.GetBytes(message);
        _ids = [.. Positions(id), .. Positions(tag)];
    }

    /// <summary>Takes the one message of <paramref name="queue"/> as the model, and makes it <paramref name="count"/> messages.</summary>
    public static EnvelopeCopier Multiply(RawRedis redis, string queue, int count)
    {
        EnvelopeCopier copier = From(redis, queue);
        copier.Push(redis, count - 1);
        return copier;
    }

    /// <summary>Takes the message at the head of <paramref name="queue"/> as the model.</summary>
    public static EnvelopeCopier From(RawRedis redis, string queue) => redis.Send("LINDEX", queue, "-1") is string message
        ? new EnvelopeCopier(queue, message)
        : throw new InvalidOperationException($"The queue {queue} is empty: there is no message to copy.");

    public void Push(RawRedis redis, int count)
    {
        int underWay = 0;
        for (int left = count; left > 0; left -= PerCommand)
        {
            Prepare(Math.Min(left, PerCommand));
            redis.Write(_buffer.AsSpan(0, _length));
            if (++underWay == CommandsUnderWay)
            {
                redis.ReadReply();
                underWay--;
            }
        }

        for (; underWay > 0; underWay--)
            redis.ReadReply();
    }

    private void Prepare(int count)
    {
        _length = 0;
        Append(string.Create(CultureInfo.InvariantCulture, $"*{count + 2}\r\n$5\r\nLPUSH\r\n${Encoding.UTF8.GetByteCount(_queue)}\r\n{_queue}\r\n"));
        for (int i = 0; i < count; i++)
        {
            Append(string.Create(CultureInfo.InvariantCulture, $"${_template.Length}\r\n"));
            Reserve(_template.Length + 2);
            Span<byte> copy = _buffer.AsSpan(_length, _template.Length);
            _template.CopyTo(copy);
            string id = string.Create(CultureInfo.InvariantCulture, $"00000000-0000-4000-8000-{++_next:x12}");
            foreach (int position in _ids)
                Encoding.ASCII.GetBytes(id, copy[position..]);
            _length += _template.Length;
            Append("\r\n");
        }
    }

    private void Append(string text)
    {
        Reserve(text.Length);
        _length += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length));
    }

    private void Reserve(int more)
    {
        if (_length + more > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + more));
    }

    private IEnumerable<int> Positions(string id)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(id);
        for (int at = 0; at + bytes.Length <= _template.Length; at++)
        {
            if (_template.AsSpan(at, bytes.Length).SequenceEqual(bytes))
                yield return at;
        }
    }
}
