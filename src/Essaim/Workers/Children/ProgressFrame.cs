using Essaim.Protocol;

namespace Essaim;

internal readonly record struct ProgressFrame(long Sequence, double? Fraction, string? Text, RawJson Data) : IFrame
{
    public FrameKind Kind => FrameKind.Progress;

    public void WriteTo(FrameBuffer output)
    {
        output.PutInt64(Sequence);
        output.PutDouble(Fraction ?? double.NaN);
        output.PutText(Text);
        output.PutBytes(Data.Utf8.Span);
    }

    public static ProgressFrame Read(ref FrameCursor input)
    {
        long sequence = input.TakeInt64();
        double fraction = input.TakeDouble();
        return new ProgressFrame(sequence, double.IsNaN(fraction) ? null : fraction, input.TakeText(), new RawJson(input.TakeBytes().ToArray()));
    }
}
