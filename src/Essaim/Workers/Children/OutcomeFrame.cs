using Essaim.Protocol;

namespace Essaim;

internal readonly record struct OutcomeFrame(long Sequence, TaskOutcome Outcome) : IFrame
{
    private const byte RequeueFlag = 1;
    private const byte StepsFlag = 2;

    public FrameKind Kind => FrameKind.Outcome;

    public void WriteTo(FrameBuffer output)
    {
        output.PutInt64(Sequence);
        output.PutByte((byte)Outcome.Kind);
        output.PutByte((byte)((Outcome.Requeue ? RequeueFlag : 0) | (Outcome.UsedSteps ? StepsFlag : 0)));
        output.PutInt64(Outcome.Runtime.Ticks);
        output.PutInt64(Outcome.RetryAfter.Ticks);
        output.PutBytes(Outcome.Result.Utf8.Span);
        output.PutText(Outcome.Error?.Type);
        if (Outcome.Error is { } error)
        {
            output.PutBytes(error.Message.Utf8.Span);
            output.PutText(error.Module);
        }

        output.PutText(Outcome.Traceback);
        output.PutText(Outcome.Reason);
        output.PutInt32(Outcome.Children.Count);
        foreach (string child in Outcome.Children)
            output.PutText(child);
    }

    public static OutcomeFrame Read(ref FrameCursor input)
    {
        long sequence = input.TakeInt64();
        TaskOutcome outcome = new() { Kind = (OutcomeKind)input.TakeByte() };
        byte flags = input.TakeByte();
        outcome = outcome with
        {
            Requeue = (flags & RequeueFlag) != 0,
            UsedSteps = (flags & StepsFlag) != 0,
            Runtime = TimeSpan.FromTicks(input.TakeInt64()),
            RetryAfter = TimeSpan.FromTicks(input.TakeInt64()),
            Result = TakeJson(ref input),
            Error = TakeError(ref input),
            Traceback = input.TakeText(),
            Reason = input.TakeText(),
            Children = TakeChildren(ref input),
        };
        return new OutcomeFrame(sequence, outcome);
    }

    private static RawJson TakeJson(ref FrameCursor input)
    {
        ReadOnlySpan<byte> text = input.TakeBytes();
        return text.SequenceEqual("null"u8) ? RawJson.Null : new RawJson(text.ToArray());
    }

    private static ExceptionDocument? TakeError(ref FrameCursor input) =>
        input.TakeText() is { } type ? new ExceptionDocument(type, TakeJson(ref input), input.TakeText() ?? "") : null;

    private static string[] TakeChildren(ref FrameCursor input)
    {
        int count = input.TakeInt32();
        if (count == 0)
            return [];
        string[] children = new string[count];
        for (int index = 0; index < count; index++)
            children[index] = input.TakeText() ?? "";
        return children;
    }
}
