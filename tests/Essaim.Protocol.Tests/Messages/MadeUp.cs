using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Essaim.Protocol.Tests;

/// <summary>Generators of messages, signatures and results.</summary>
internal static class MadeUp
{
    /// <summary>Text of whole characters: half surrogate pairs have no UTF-8 form.</summary>
    private static readonly Gen<string> Text = ArbMap.Default.GeneratorFor<string>().Select(text =>
        string.Concat((text ?? "").EnumerateRunes().Where(rune => rune.Value != 0xFFFD).Select(rune => rune.ToString())) + (text?.Length % 5 == 0 ? "é😀\u2028\"\\" : ""));

    private static readonly Gen<string> Name = Text.Select(text => text.Length == 0 ? "n" : text);

    private static readonly Gen<string?> MaybeText = Gen.OneOf(Gen.Constant<string?>(null), Text.Select(text => (string?)text));

    private static readonly Gen<int> Whole = Gen.OneOf(Gen.Choose(-5, 5), Gen.Elements(int.MinValue, int.MaxValue));

    private static readonly Gen<int?> MaybeWhole = Gen.OneOf(Gen.Constant<int?>(null), Whole.Select(number => (int?)number));

    private static readonly Gen<bool?> MaybeFlag = Gen.Elements<bool?>(null, true, false);

    /// <summary>To the microsecond, which is what the wire carries.</summary>
    private static readonly Gen<DateTimeOffset?> MaybeInstant = Gen.OneOf(
        Gen.Constant<DateTimeOffset?>(null),
        from seconds in Gen.Choose(0, int.MaxValue)
        from micros in Gen.OneOf(Gen.Constant(0), Gen.Choose(0, 999_999))
        from quarters in Gen.Choose(-56, 56)
        select (DateTimeOffset?)DateTimeOffset.UnixEpoch.AddSeconds(seconds).AddMicroseconds(micros).ToOffset(TimeSpan.FromMinutes(15 * quarters)));

    private static readonly Gen<TimeSpan?> MaybeSpan = Gen.OneOf(
        Gen.Constant<TimeSpan?>(null),
        Gen.Choose(0, int.MaxValue).Select(seconds => (TimeSpan?)TimeSpan.FromSeconds(seconds)),
        Gen.Choose(0, int.MaxValue).Select(ticks => (TimeSpan?)TimeSpan.FromTicks(ticks)));

    private static readonly Gen<RawJson> Value = Gen.OneOf(
        Gen.Elements("null", "true", "1e999", "-0", "[]", "{ }", "[1, {\"a\": [null]}]", "123456789012345678901234567890").Select(RawJson.Parse),
        Text.Select(text => RawJson.From(text)));

    private static readonly Gen<RawJson> List = Value.ListOf().Select(items => Raw($"[{string.Join(", ", items)}]"));

    private static readonly Gen<Dictionary<string, RawJson>> Map = Value.ListOf(3).Select(items =>
        items.Select((value, index) => (value, index)).ToDictionary(pair => $"essaim-{pair.index}é", pair => pair.value));

    private static readonly Gen<RawJson> Object = Map.Select(map =>
        Raw($"{{{string.Join(',', map.Select(pair => $"{JsonSerializer.Serialize(pair.Key)}:{pair.Value}"))}}}"));

    public static Gen<(TaskMessage Message, TaskBody Body)> Messages { get; } =
        from id in Name
        from task in Name
        from texts in MaybeText.ListOf(10)
        from wholes in MaybeWhole.ListOf(4)
        from instants in MaybeInstant.ListOf(2)
        from spans in MaybeSpan.ListOf(2)
        from flag in MaybeFlag
        from headers in Map
        from queue in Name
        from compression in Gen.Elements<string?>(null, null, null, "application/x-gzip", "application/x-brotli")
        from body in Bodies
        select (
            new TaskMessage
            {
                Id = id,
                Task = task,
                Language = texts[0] ?? "",
                RootId = texts[1],
                ParentId = texts[2],
                GroupId = texts[3],
                GroupIndex = wholes[0],
                Shadow = texts[4],
                Eta = instants[0],
                Expires = instants[1],
                Retries = wholes[1] ?? 0,
                TimeLimits = new TimeLimits(spans[0], spans[1]),
                ArgsRepr = texts[5],
                KwargsRepr = texts[6],
                Origin = texts[7],
                IgnoreResult = flag,
                Headers = headers,
                Compression = compression,
                CorrelationId = texts[8],
                ReplyTo = texts[9],
                Priority = wholes[2] ?? 0,
                Exchange = texts[0] ?? "",
                RoutingKey = queue,
                DeliveryTag = id + "-tag",
                DeliveryMode = wholes[3] ?? 2,
                Redelivered = flag ?? false,
            },
            body);

    public static Gen<ResultDocument> Results { get; } =
        from id in Name
        from state in Gen.Elements("SUCCESS", "FAILURE", "MINE")
        from result in Value
        from texts in MaybeText.ListOf(6)
        from instant in MaybeInstant
        from list in List
        from map in Object
        from retries in MaybeWhole
        select new ResultDocument
        {
            TaskId = id,
            State = new TaskState(state),
            Result = result,
            Traceback = texts[0],
            Children = list,
            DateDone = instant,
            GroupId = texts[1],
            ParentId = texts[2],
            Name = texts[3],
            Args = retries is null ? null : list,
            Kwargs = retries is null ? null : map,
            Worker = texts[4],
            Retries = retries,
            Queue = texts[5],
        };

    private static Gen<TaskBody> Bodies =>
        from args in List
        from kwargs in Object
        from chain in Signatures(2).ListOf(2)
        from callbacks in Signatures(1).ListOf(1)
        from chord in Gen.OneOf(Gen.Constant<Signature?>(null), Signatures(2).Select(signature => (Signature?)signature))
        select new TaskBody(args, kwargs, new TaskEmbed { Chain = chain, Callbacks = callbacks, Chord = chord });

    public static Gen<Signature> Signatures(int levels) =>
        from task in Name
        from args in List
        from kwargs in Object
        from options in levels == 0 ? Gen.Constant(SignatureOptions.None) : Options(levels - 1)
        from type in MaybeText
        from immutable in Gen.Elements(true, false)
        select new Signature { Task = task, Args = args, Kwargs = kwargs, Options = options, SubtaskType = type, Immutable = immutable };

    private static Gen<SignatureOptions> Options(int levels) =>
        from texts in MaybeText.ListOf(11)
        from wholes in MaybeWhole.ListOf(3)
        from instants in MaybeInstant.ListOf(2)
        from spans in MaybeSpan.ListOf(4)
        from flag in MaybeFlag
        from map in Map
        from link in Signatures(levels).ListOf(1)
        from which in Gen.Choose(0, 3)
        select new SignatureOptions
        {
            TaskId = texts[0],
            RootId = texts[1],
            ParentId = texts[2],
            GroupId = texts[3],
            Queue = texts[4],
            Exchange = texts[5],
            RoutingKey = texts[6],
            ReplyTo = texts[7],
            Serializer = texts[8],
            Compression = texts[9],
            Shadow = texts[10],
            GroupIndex = wholes[0],
            Priority = wholes[1],
            Retries = wholes[2],
            Eta = instants[0],
            Expires = instants[1],
            ExpiresIn = instants[1] is null ? spans[0] : null,
            Countdown = spans[1],
            TimeLimit = spans[2],
            SoftTimeLimit = spans[3],
            IgnoreResult = flag,
            Headers = which == 0 ? map : null,
            Other = which == 1 && map.Count > 0 ? map : null,
            Link = which == 2 ? link : null,
            Chord = which == 3 ? link[0] : null,
        };

    private static RawJson Raw(string text) => new(Encoding.UTF8.GetBytes(text));
}
