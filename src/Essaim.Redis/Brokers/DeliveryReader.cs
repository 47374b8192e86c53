using System.Globalization;

namespace Essaim.Redis;

/// <summary>Reads what the claiming scripts return. Envelopes are slices of the reply.</summary>
internal static class DeliveryReader
{
    public static ClaimResult ReadClaim(RespReply reply, QueueClaim[] queues, TimeSpan lease, ServerClock clock, long sentAt)
    {
        RespReader reader = reply.Read();
        reader.ReadArray();
        DateTimeOffset now = ReadNow(ref reader, clock, sentAt);
        long next = reader.ReadInteger();
        string token = reader.ReadText()!;
        long firstId = reader.ReadInteger();
        long[] runs = reader.ReadIntegers();
        long[] odd = reader.ReadIntegers();
        long[] revoked = reader.ReadIntegers();
        Delivery[] deliveries = new Delivery[reader.ReadArray()];
        int index = 0;
        for (int run = 0; run < runs.Length; run += 2)
        {
            string queue = queues[(int)runs[run]].Queue;
            for (long left = runs[run + 1]; left > 0; left--, index++)
            {
                (long id, int count) = (firstId + index, 1);
                for (int i = 0; i < odd.Length; i += 3)
                {
                    if (odd[i] == index + 1)
                        (id, count) = (odd[i + 1], (int)odd[i + 2]);
                }

                Lease held = new(Text(id), LeaseToken.Of(token, index + 1), now + lease);
                deliveries[index] = Deliver(held, queue, count, revoked.Contains(index + 1), reader.ReadBytes() ?? default, now);
            }
        }

        return new ClaimResult(deliveries, next < 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(next));
    }

    public static Delivery? ReadOne(RespReply reply, TimeSpan lease, ServerClock clock, long sentAt)
    {
        RespReader reader = reply.Read();
        if (reader.ReadArray() <= 0)
            return null;
        DateTimeOffset now = ReadNow(ref reader, clock, sentAt);
        (string token, string queue, string id) = (reader.ReadText()!, reader.ReadText()!, reader.ReadText()!);
        int count = (int)reader.ReadInteger();
        bool revoked = reader.ReadInteger() == 1;
        return Deliver(new Lease(id, LeaseToken.Of(token, 1), now + lease), queue, count, revoked, reader.ReadBytes() ?? default, now);
    }

    private static DateTimeOffset ReadNow(ref RespReader reader, ServerClock clock, long sentAt)
    {
        long now = reader.ReadInteger();
        clock.Observe(now, sentAt);
        return DateTimeOffset.FromUnixTimeMilliseconds(now);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static Delivery Deliver(Lease lease, string queue, int deliveryCount, bool revoked, ReadOnlyMemory<byte> envelope, DateTimeOffset now)
    {
        EnvelopePeek facts = EnvelopePeek.Of(envelope.Span);
        return new Delivery
        {
            Lease = lease,
            Queue = queue,
            TaskId = facts.TaskId,
            DeliveryCount = deliveryCount,
            ReadySince = facts.SentAt is { } sent ? DateTimeOffset.FromUnixTimeMilliseconds(sent) : now,
            Revoked = revoked,
            Envelope = envelope,
        };
    }
}
