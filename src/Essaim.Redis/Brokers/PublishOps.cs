using Essaim.Protocol;

namespace Essaim.Redis;

/// <summary>A publication as the operations <c>publish_ops.lua</c> does: neighbours of one list go in one push.</summary>
internal static class PublishOps
{
    /// <summary>Adds the count of operations, then the operations.</summary>
    /// <exception cref="PayloadTooLargeException"><c>ESS1206</c>: a message is larger than the limit.</exception>
    /// <exception cref="ArgumentException">A message is not one that Python workers could read.</exception>
    public static void Append(RespCommand command, RedisKeys keys, RedisSettings settings, Outgoing outgoing)
    {
        outgoing.Check();
        IReadOnlyList<OutgoingMessage> messages = outgoing.Messages;
        foreach (OutgoingMessage message in messages)
            Check(message, settings);
        command.Add(CountOperations(outgoing, settings));
        foreach (ChordStart chord in outgoing.Chords)
        {
            command.Add("C"u8).Add(keys.Group(chord.GroupId)).Add(chord.Size).Add(Milliseconds(OutgoingRules.SavedGroupExpiry));
            if (chord.SavedGroup is { } structure)
                command.Add(structure.Utf8);
            else
                command.Add(""u8);
        }

        for (int i = 0; i < messages.Count;)
        {
            OutgoingMessage message = messages[i];
            int end = EndOfRun(messages, i, settings);
            if (message.UniqueKey is { } key)
                command.Add("U"u8).Add(key).Add(message.TaskId).Add(Milliseconds(message.UniqueFor));
            if (message is { Exchange.Length: > 0, KeepsPlace: false } && DueAt(message, settings) is null)
            {
                command.Add("X"u8).Add(message.Exchange).Add(message.RoutingKey).Add(settings.StepOf(message.Priority))
                    .Add(keys.Channel(message.Exchange)).Add(message.Queue).Add(message.Envelope);
            }
            else if (message.KeepsPlace)
            {
                command.Add("F"u8).Add(message.Queue).Add(settings.StepOf(message.Priority)).Add(DueAt(message, settings) ?? 0).Add(message.Envelope);
            }
            else if (DueAt(message, settings) is { } due)
                command.Add("D"u8).Add(message.Queue).Add(settings.StepOf(message.Priority)).Add(due).Add(message.Envelope);
            else
                AddRun(command, messages, i, end, settings);
            i = end;
        }
    }

    /// <summary>The outcome of each message, from the holders the script noted for those with a unique key.</summary>
    public static IReadOnlyList<PublishOutcome> Outcomes(Outgoing outgoing, RespReply reply)
    {
        PublishOutcome[] outcomes = new PublishOutcome[outgoing.Messages.Count];
        RespReader reader = reply.Read();
        int holders = reader.ReadArray();
        for (int i = 0; i < outcomes.Length; i++)
        {
            string id = outgoing.Messages[i].TaskId;
            string holder = outgoing.Messages[i].UniqueKey is not null && holders > 0 ? reader.ReadText() ?? "" : "";
            outcomes[i] = new PublishOutcome(holder.Length == 0, holder.Length == 0 ? id : holder);
        }

        return outcomes;
    }

    /// <summary>When a message is due, in ms since 1970; null where it goes to its queue at once.</summary>
    public static long? DueAt(OutgoingMessage message, RedisSettings settings) =>
        message.NotBefore is { } at && !settings.EtaInQueue ? ServerClock.Milliseconds(at) : null;

    public static long Milliseconds(TimeSpan span) => Math.Max(1, (long)Math.Ceiling(Math.Min(span.TotalMilliseconds, 1e13)));

    private static void AddRun(RespCommand command, IReadOnlyList<OutgoingMessage> messages, int start, int end, RedisSettings settings)
    {
        command.Add("L"u8).Add(messages[start].Queue).Add(settings.StepOf(messages[start].Priority)).Add(end - start);
        for (int i = start; i < end; i++)
            command.Add(messages[i].Envelope);
    }

    private static int CountOperations(Outgoing outgoing, RedisSettings settings)
    {
        int count = outgoing.Chords.Count;
        for (int i = 0; i < outgoing.Messages.Count; i = EndOfRun(outgoing.Messages, i, settings))
            count += outgoing.Messages[i].UniqueKey is null ? 1 : 2;
        return count;
    }

    private static int EndOfRun(IReadOnlyList<OutgoingMessage> messages, int start, RedisSettings settings)
    {
        OutgoingMessage first = messages[start];
        int end = start + 1;
        if (first.UniqueKey is not null || first.Exchange.Length > 0 || first.KeepsPlace || DueAt(first, settings) is not null)
            return end;
        int step = settings.StepOf(first.Priority);
        while (end < messages.Count && messages[end] is { UniqueKey: null, Exchange: "", KeepsPlace: false } next && next.Queue == first.Queue
            && settings.StepOf(next.Priority) == step && DueAt(next, settings) is null)
        {
            end++;
        }

        return end;
    }

    private static void Check(OutgoingMessage message, RedisSettings settings)
    {
        if (message.Envelope.Length > settings.MaxMessageBytes)
            throw PayloadTooLargeException.OfMessage(message.TaskName, message.TaskId, message.Envelope.Length, settings.MaxMessageBytes);
        if (EnvelopePeek.Of(message.Envelope.Span).TaskId != message.TaskId)
        {
            throw new ArgumentException(
                $"The envelope of task {message.TaskName} ({message.TaskId}) is not a task message of that id, and would end every Python worker that reads it. Make it with {nameof(MessageCodec)}.");
        }
    }
}
