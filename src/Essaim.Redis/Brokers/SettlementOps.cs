using System.Globalization;
using System.Text;
using Essaim.Protocol;

namespace Essaim.Redis;

/// <summary>Settlements as the arguments <c>settle.lua</c> reads: those that end plainly by claim, the others one by one.</summary>
internal sealed class SettlementOps(RespCommand command, RedisKeys keys, RedisSettings settings, IReadOnlyList<Settlement> settlements)
{
    private static readonly byte[] Gap = "null"u8.ToArray();
    private readonly List<IReadOnlyList<int>> _entries = [];

    /// <summary>Which settlements each entry is about, in the order of the script's answers.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Entries => _entries;

    /// <summary>Adds their number, how long plain results are kept, and each.</summary>
    /// <param name="which">Indexes of the settlements to add.</param>
    /// <param name="grouped">False: plain ones, too, one by one.</param>
    /// <param name="channels">For <c>announce_results</c>.</param>
    /// <exception cref="PayloadTooLargeException"><c>ESS1206</c>: a message or result is larger than the limit.</exception>
    public void Append(IEnumerable<int> which, bool grouped, string channels)
    {
        long? keptFor = null;
        Dictionary<string, PlainGroup> groups = [];
        List<int> others = [];
        foreach (int i in which)
        {
            if (!grouped || !TryGroup(groups, i, ref keptFor))
                others.Add(i);
        }

        command.Add(groups.Count + others.Count).Add(keptFor ?? 0).Add(channels);
        foreach (PlainGroup group in groups.Values)
        {
            _entries.Add(group.Which);
            AppendGroup(group);
        }

        foreach (int i in others)
        {
            _entries.Add([i]);
            Append(settlements[i]);
        }
    }

    private bool TryGroup(Dictionary<string, PlainGroup> groups, int i, ref long? keptFor)
    {
        Settlement settlement = settlements[i];
        if (!IsPlain(settlement) || !LeaseToken.TryRead(settlement.Lease.Token, out ReadOnlySpan<char> claim, out int index))
            return false;
        if (settlement.Results is [var write])
        {
            long ttl = Ttl(write.ExpiresAfter);
            if (!write.State.IsReady || (keptFor ??= ttl) != ttl)
                return false;
        }

        if (!groups.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(claim, out PlainGroup? group))
        {
            group = new PlainGroup(claim.ToString());
            groups.Add(group.Claim, group);
        }

        return group.TryAdd(index, i, settlement.Results.Count);
    }

    /// <summary>Done, nothing follows, and the one result there may be is its own: what nearly all are.</summary>
    private static bool IsPlain(Settlement settlement) => settlement is
    {
        Action: SettleAction.Complete, Completion: not null, Publish: { Messages.Count: 0, Chords.Count: 0 }, ChordParts.Count: 0, UniqueKey: null,
        ForgetsSteps: false,
        Results.Count: <= 1,
    };

    private void AppendGroup(PlainGroup group)
    {
        command.Add("B"u8).Add(group.Claim).Add(group.Ranges()).Add(group.Which.Count)
            .Add(CompletionJson.WriteLines(settlements, group.Which)).Add(group.Results);
        foreach (int i in group.Which)
        {
            if (settlements[i].Results is [var write])
                command.Add(keys.ResultStart, write.TaskId).Add(Checked(write));
        }
    }

    private void Append(Settlement settlement)
    {
        command.Add("G"u8).Add(settlement.Lease.Token);
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
        if (settlement is { ForgetsSteps: true, Completion: { } done })
            rest.Add("S"u8).Add(done.TaskId);
        if (settlement.Publish.Messages.Count + settlement.Publish.Chords.Count > 0)
            PublishOps.Append(rest.Add("N"u8), keys, settings, settlement.Publish);
        foreach (ChordPart part in settlement.ChordParts)
            AppendPart(rest.Add("H"u8), keys, settings, part);
        command.AddAll(rest);
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

    /// <summary>Plain ends of one claim.</summary>
    private sealed class PlainGroup(string claim)
    {
        private readonly List<int> _indexes = [];
        private readonly HashSet<int> _seen = [];

        public string Claim => claim;

        public List<int> Which { get; } = [];

        public int Results { get; private set; }

        /// <summary>False where the delivery is there already.</summary>
        public bool TryAdd(int index, int settlement, int results)
        {
            if (!_seen.Add(index))
                return false;
            _indexes.Add(index);
            Which.Add(settlement);
            Results += results;
            return true;
        }

        /// <summary>The indexes as <c>1-64,70-70</c>.</summary>
        public string Ranges()
        {
            _indexes.Sort();
            StringBuilder text = new();
            for (int i = 0; i < _indexes.Count;)
            {
                int last = i;
                while (last + 1 < _indexes.Count && _indexes[last + 1] == _indexes[last] + 1)
                    last++;
                text.Append(CultureInfo.InvariantCulture, $"{(text.Length > 0 ? "," : "")}{_indexes[i]}-{_indexes[last]}");
                i = last + 1;
            }

            return text.ToString();
        }
    }
}
