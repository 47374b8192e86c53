using Essaim.Protocol;

namespace Essaim;

/// <summary>What a frame of the child channel says. A frame is its payload's length (4 bytes, little endian), its kind (1 byte), its payload.</summary>
internal enum FrameKind : byte
{
    /// <summary>Child to worker, first: the process id, and the resident memory in bytes.</summary>
    Hello = 1,

    /// <summary>Worker to child: run this after what was handed over before.</summary>
    Run,

    /// <summary>Worker to child: give back what has not begun.</summary>
    Recall,

    /// <summary>Child to worker: so many were given back, the last handed over.</summary>
    Recalled,

    /// <summary>Child to worker: the oldest task handed over has ended.</summary>
    Outcome,

    /// <summary>Child to worker: progress of the running task.</summary>
    Progress,

    /// <summary>Child to worker: a log line.</summary>
    Log,

    /// <summary>Worker to child: ask one task to stop.</summary>
    Cancel,

    /// <summary>Worker to child: the worker wants to stop.</summary>
    Stopping,

    /// <summary>Worker to child: end now. A SIGTERM that comes with it is meant for the programs the task has started.</summary>
    Terminate,
}

/// <summary>A frame that knows how to write itself.</summary>
internal interface IFrame
{
    FrameKind Kind { get; }

    void WriteTo(FrameBuffer output);
}

/// <summary>A frame that is all said by its kind.</summary>
internal readonly record struct BareFrame(FrameKind Kind) : IFrame
{
    public void WriteTo(FrameBuffer output)
    {
    }
}

internal readonly record struct HelloFrame(int ProcessId, long ResidentBytes) : IFrame
{
    public FrameKind Kind => FrameKind.Hello;

    public void WriteTo(FrameBuffer output)
    {
        output.PutInt32(ProcessId);
        output.PutInt64(ResidentBytes);
    }

    public static HelloFrame Read(ref FrameCursor input) => new(input.TakeInt32(), input.TakeInt64());
}

/// <summary>One task to run.</summary>
/// <param name="Sequence">Numbers what is handed over, so that a cancel cannot hit the next task.</param>
/// <param name="DeliveryCount">1 on the first delivery.</param>
/// <param name="SoftTimeLimit">For the deadline the handler sees.</param>
/// <param name="QueuePolicy">How its queue's tasks are retried: a child does not know the fleet's configuration.</param>
/// <param name="Envelope">The message.</param>
internal readonly record struct RunFrame(long Sequence, int DeliveryCount, TimeSpan? SoftTimeLimit, RetryPolicy? QueuePolicy, ReadOnlyMemory<byte> Envelope) : IFrame
{
    public FrameKind Kind => FrameKind.Run;

    public void WriteTo(FrameBuffer output)
    {
        output.PutInt64(Sequence);
        output.PutInt32(DeliveryCount);
        output.PutInt64(SoftTimeLimit?.Ticks ?? -1);
        output.PutBytes(QueuePolicy is null ? default : RetryPolicyJson.Write(QueuePolicy).Utf8.Span);
        output.PutBytes(Envelope.Span);
    }

    public static RunFrame Read(ref FrameCursor input)
    {
        long sequence = input.TakeInt64();
        int deliveryCount = input.TakeInt32();
        long soft = input.TakeInt64();
        byte[] policy = input.TakeBytes().ToArray();
        return new RunFrame(
            sequence, deliveryCount, soft < 0 ? null : TimeSpan.FromTicks(soft), policy.Length == 0 ? null : RetryPolicyJson.Read(new RawJson(policy)), input.TakeBytes().ToArray());
    }
}

internal readonly record struct RecalledFrame(int Count) : IFrame
{
    public FrameKind Kind => FrameKind.Recalled;

    public void WriteTo(FrameBuffer output) => output.PutInt32(Count);
}

internal readonly record struct CancelFrame(long Sequence, CancelReason Reason) : IFrame
{
    public FrameKind Kind => FrameKind.Cancel;

    public void WriteTo(FrameBuffer output)
    {
        output.PutInt64(Sequence);
        output.PutByte((byte)Reason);
    }

    public static CancelFrame Read(ref FrameCursor input) => new(input.TakeInt64(), (CancelReason)input.TakeByte());
}

/// <summary>A log line of the task with this number; 0 stands for no task.</summary>
internal readonly record struct LogFrame(long Sequence, string Level, string Line) : IFrame
{
    public FrameKind Kind => FrameKind.Log;

    public void WriteTo(FrameBuffer output)
    {
        output.PutInt64(Sequence);
        output.PutText(Level);
        output.PutText(Line);
    }

    public static LogFrame Read(ref FrameCursor input) => new(input.TakeInt64(), input.TakeText() ?? "", input.TakeText() ?? "");
}
