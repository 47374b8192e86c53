using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Makes the message of one firing. The task id follows from schedule and planned time, so a doubled firing would be recognised.</summary>
internal sealed class FiringComposer(TaskClientOptions options, TimeProvider clock)
{
    private readonly MessageFactory _messages = new(options, options.Registry, clock);

    public OutgoingMessage Compose(string schedule, ScheduleDefinition definition, DateTimeOffset planned)
    {
        TaskOptions? task = options.Registry?.TryGet(definition.Task, out TaskDefinition? known) == true ? known.Options : null;
        Signature signature = new()
        {
            Task = definition.Task,
            Args = definition.Args,
            Kwargs = definition.Kwargs,
            Options = new SignatureOptions
            {
                TaskId = TaskIdOf(schedule, planned),
                Queue = definition.Queue,
                Priority = definition.Priority ?? task?.Priority,
                ExpiresIn = definition.Expires,
            },
        };
        return _messages.Create(signature, signature.Args, TaskEmbed.Empty, rootId: null, parentId: null);
    }

    public static string TaskIdOf(string schedule, DateTimeOffset planned)
    {
        byte[] name = Encoding.UTF8.GetBytes(schedule);
        byte[] key = new byte[name.Length + 8];
        name.CopyTo(key, 0);
        BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(name.Length), planned.UtcTicks);
        Span<byte> hash = SHA256.HashData(key).AsSpan(0, 16);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true).ToString();
    }
}
