using Essaim.Protocol;

namespace Essaim.Tests.Workers;

public sealed class FrameTests
{
    [Fact]
    public void Outcome_WithEverythingSet_ComesBackAsItWas()
    {
        TaskOutcome outcome = new()
        {
            Kind = OutcomeKind.Retry,
            Result = RawJson.From(new[] { 1, 2 }),
            Error = ExceptionDocument.Of("ValueError", "nö", "builtins"),
            Traceback = "line 1\nline 2",
            RetryAfter = TimeSpan.FromSeconds(3),
            Requeue = true,
            Reason = "because",
            Children = ["a", "b"],
            Runtime = TimeSpan.FromMilliseconds(7),
        };

        OutcomeFrame read = Pass(new OutcomeFrame(42, outcome), (ref FrameCursor input) => OutcomeFrame.Read(ref input));

        Assert.Equal(42, read.Sequence);
        Assert.Equal(outcome.Children, read.Outcome.Children);
        Assert.Equal(outcome, read.Outcome with { Children = outcome.Children });
    }

    [Fact]
    public void Outcome_WithNothingSet_ComesBackAsItWas()
    {
        TaskOutcome outcome = new() { Kind = OutcomeKind.Success };

        OutcomeFrame read = Pass(new OutcomeFrame(1, outcome), (ref FrameCursor input) => OutcomeFrame.Read(ref input));

        Assert.Equal(outcome, read.Outcome with { Children = outcome.Children });
    }

    [Fact]
    public void TryRead_FramesOfAllSizesInOddPieces_ComeOutWhole()
    {
        using FrameBuffer buffer = new();
        int[] sizes = [0, 1, 4_000, 16_379, 16_384, 100_000, 5, 600_000, 3];
        foreach (int size in sizes)
            buffer.PutFrame(new LogFrame(size, "info", new string('x', size)));
        using FrameReader reader = new(new PiecewiseStream(buffer.Written.ToArray()));

        foreach (int size in sizes)
        {
            Assert.True(reader.TryRead(out FrameKind kind, out ReadOnlySpan<byte> payload));
            FrameCursor cursor = new(payload);
            LogFrame frame = LogFrame.Read(ref cursor);
            Assert.Equal((FrameKind.Log, size, size), (kind, (int)frame.Sequence, frame.Line.Length));
        }

        Assert.False(reader.TryRead(out _, out _));
    }

    [Fact]
    public void Read_FrameCutShort_IsRefused()
    {
        Assert.Throws<InvalidDataException>(() =>
        {
            FrameCursor cursor = new([1, 2, 3]);
            RunFrame.Read(ref cursor);
        });
    }

    private delegate TFrame ReadFrame<TFrame>(ref FrameCursor input);

    private static TFrame Pass<TFrame>(TFrame frame, ReadFrame<TFrame> read)
        where TFrame : IFrame
    {
        using FrameBuffer buffer = new();
        buffer.PutFrame(frame);
        using FrameReader reader = new(new MemoryStream(buffer.Written.ToArray()));
        Assert.True(reader.TryRead(out FrameKind kind, out ReadOnlySpan<byte> payload));
        Assert.Equal(frame.Kind, kind);
        FrameCursor cursor = new(payload);
        return read(ref cursor);
    }

    /// <summary>Gives 1, 2, 3, … bytes at a time, as a pipe may.</summary>
    private sealed class PiecewiseStream(byte[] bytes) : MemoryStream(bytes)
    {
        private int _piece;

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, ++_piece % 5_000)]);
    }
}
