using Essaim.Protocol;

namespace Essaim.Redis;

/// <summary>Settlements as the arguments <c>settle.lua</c> reads.</summary>
internal readonly struct SettlementOps(
    RespCommand command, RedisKeys keys, RedisSettings settings, IReadOnlyList<Settlement> settlements, int start, int count)
{
    private static readonly byte[] Gap = "null"u8.ToArray();

    /// <summary>Adds their number, how long plain results are kept, and each.</summary>
    /// <exception cref="PayloadTooLargeException"><c>ESS1206</c>: a message or result is larger than the limit.</exception>
    public void Append()
    {
        long keptFor = 0;
        for (int i = start; i < start + count; i++)
        {
            if (IsPlain(settlements[i]) && settlements[i].Results is [var write])
            {
                keptFor = Ttl(write.ExpiresAfter);
                break;
            }
        }

        command.Add(count).Add(keptFor);
        for (int i = start; i < start + count; i++)
            Append(settlements[i], keptFor);
    }

    /// <summary>Done, nothing follows, and the one result there may be is its own: the form nearly all have, in the fewest words.</summary>
    private static bool IsPlain(Settlement settlement) => settlement is
    {
        Action: SettleAction.Complete, Completion: not null, Publish: { Messages.Count: 0, Chords.Count: 0 }, ChordParts.Count: 0, UniqueKey: null,
        Results.Count: <= 1,
    };

    private void Append(Settlement settlement, long keptFor)
    {
        if (IsPlain(settlement) && (settlement.Results is not [{ } own] || (own.State.IsReady && Ttl(own.ExpiresAfter) == keptFor)))
        {
            AppendPlain(settlement);
            return;
        }

        command.Add("G", settlement.Lease.Token);
        switch (settlement.Action)
        {
            case SettleAction.Complete:
                command.Add("C"u8).Add(""u8);
                break;
            case SettleAction.Release:
                command.Add("L"u8).Add(""u8);
                break;
            case SettleAction.Return:
                command.Add("T"u8).Add(""u8);
                break;
            case SettleAction.Requeue:
                command.Add("Q"u8).Add(""u8);
                break;
            case SettleAction.Park:
                command.Add("P"u8).Add(settlement.NotBefore is { } due ? ServerClock.Milliseconds(due) : 0);
                break;
            default:
                command.Add("D"u8).Add(settlement.Reason ?? "");
                break;
        }

        // How many arguments follow is known once they are written.
        using RespCommand rest = new("", sizeHint: 4096);
        foreach (ResultWrite write in settlement.Results)
            rest.Add("R"u8).Add(keys.ResultStart, write.TaskId).Add(Ttl(write.ExpiresAfter)).Add(Checked(write));
        if (settlement.Completion is { } completion)
            rest.Add("F"u8).Add(CompletionJson.Write(completion));
        if (settlement is { UniqueKey: { } key, Completion: { } ended })
            rest.Add("U"u8).Add(key).Add(ended.TaskId);
        if (settlement.Publish.Messages.Count + settlement.Publish.Chords.Count > 0)
            PublishOps.Append(rest.Add("N"u8), keys, settings, settlement.Publish);
        foreach (ChordPart part in settlement.ChordParts)
            AppendPart(rest.Add("H"u8), keys, settings, part);
        command.AddAll(rest);
    }

    private void AppendPlain(Settlement settlement)
    {
        if (settlement.Results is [var write])
            command.Add("S", settlement.Lease.Token).Add(keys.ResultStart, write.TaskId).Add(Checked(write));
        else
            command.Add("I", settlement.Lease.Token);
        command.Add(CompletionJson.Write(settlement.Completion!));
    }

    private ReadOnlyMemory<byte> Checked(ResultWrite write) => write.Document.Length <= settings.MaxMessageBytes
        ? write.Document
        : throw PayloadTooLargeException.OfResult(write.TaskId, write.Document.Length, settings.MaxMessageBytes);

    private static void AppendPart(RespCommand command, RedisKeys keys, RedisSettings settings, ChordPart part)
    {
        (ChordBody body, OutgoingMessage message) = (part.Body, part.Body.Message);
        command.Add(keys.Group(part.GroupId));
        if (part.Index is { } index)
            command.Add(index);
        else
            command.Add(""u8);
        command.Add(part.TaskId).Add(part.State.Name).Add(part.Result.Utf8).Add(PublishOps.Milliseconds(OutgoingRules.SavedGroupExpiry));
        command.Add(message.Queue).Add(settings.StepOf(message.Priority));
        if (PublishOps.DueAt(message, settings) is { } due)
            command.Add(due);
        else
            command.Add(""u8);
        command.Add(message.UniqueKey ?? "").Add(message.TaskId).Add(PublishOps.Milliseconds(message.UniqueFor));
        MessageTemplate template = body.Template;
        command.Add(template.Head).Add(template.BodyPrefix).Add(template.BodySuffix).Add(template.Tail).Add(template.IgnoresResults ? 1 : 0);

        using RespCommand failure = new("", sizeHint: 2048);
        AppendFailure(failure, keys, settings, body);
        command.AddAll(failure);
    }

    private static void AppendFailure(RespCommand command, RedisKeys keys, RedisSettings settings, ChordBody body)
    {
        string[] fails = [body.Message.TaskId, .. body.AlsoFails];
        command.Add(fails.Length);
        foreach (string taskId in fails)
        {
            ResultDocument document = new() { TaskId = taskId, State = TaskState.Failure, Result = RawJson.Null, DateDone = body.FailedAt };
            ReadOnlySpan<byte> text = document.Encode();
            // The error is put in by the script, where the document has null.
            int gap = GapOf(text);
            command.Add(keys.ResultStart, taskId).Add(Ttl(body.ResultExpiresAfter)).Add(text[..gap]).Add(text[(gap + Gap.Length)..]);
        }

        command.Add(CompletionJson.Write(new Completion(
            body.Message.TaskId, body.Message.TaskName, TaskState.Failure, body.Message.Queue, "", body.FailedAt, TimeSpan.Zero, null)));
        PublishOps.Append(command, keys, settings, body.OnError);
        if (body.OuterPart is { } outer)
            AppendPart(command.Add(1), keys, settings, outer);
        else
            command.Add(0);
    }

    private static int GapOf(ReadOnlySpan<byte> document)
    {
        ReadOnlySpan<byte> name = "\"result\":"u8;
        int after = document.IndexOf(name) + name.Length;
        return after + document[after..].IndexOf(Gap);
    }

    private static long Ttl(TimeSpan? expiresAfter) => expiresAfter is { } span ? PublishOps.Milliseconds(span) : 0;
}
