using System.Text;

namespace Essaim.Protocol.Tests;

public sealed class CeleryTimeTests
{
    [Theory]
    [InlineData("2026-11-22T02:20:02.616766+00:00", "2026-11-22T02:20:02.6167660+00:00")]
    [InlineData("2026-11-22T02:20:02.616766Z", "2026-11-22T02:20:02.6167660+00:00")]
    [InlineData("2026-11-22T02:20:02z", "2026-11-22T02:20:02.0000000+00:00")]
    [InlineData("2026-11-22 02:20:02", "2026-11-22T02:20:02.0000000+00:00")]
    [InlineData("2026-11-22T02:20", "2026-11-22T02:20:00.0000000+00:00")]
    [InlineData("2026-11-22", "2026-11-22T00:00:00.0000000+00:00")]
    [InlineData("2026-11-22T02:20:02.5", "2026-11-22T02:20:02.5000000+00:00")]
    [InlineData("2026-11-22T02:20:02.123456789+05:30", "2026-11-22T02:20:02.1234567+05:30")]
    [InlineData("2026-11-22T02:20:02+0530", "2026-11-22T02:20:02.0000000+05:30")]
    [InlineData("2026-11-22T02:20:02-05", "2026-11-22T02:20:02.0000000-05:00")]
    [InlineData("2026-11-22T02:20+01:00", "2026-11-22T02:20:00.0000000+01:00")]
    public void TryParse_OfWhatCeleryReads_ReadsIt(string text, string expected)
    {
        Assert.True(CeleryTime.TryParse(text, out DateTimeOffset instant));
        Assert.Equal(expected, instant.ToString("o"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-2")]
    [InlineData("2026-13-01")]
    [InlineData("2026-02-30")]
    [InlineData("0000-01-01")]
    [InlineData("2026-11-22X02:20:02")]
    [InlineData("2026-11-22T24:00:00")]
    [InlineData("2026-11-22T02:60:00")]
    [InlineData("2026-11-22T02:20:60")]
    [InlineData("2026-11-22T02:20:0")]
    [InlineData("2026-11-22T02:20:")]
    [InlineData("2026-11-22T02:20:02.")]
    [InlineData("2026-11-22T02:20:02.1234567890")]
    [InlineData("2026-11-22T02:20:02+15:00")]
    [InlineData("2026-11-22T02:20:02+5")]
    [InlineData("2026-11-22T02:20:02+05-30")]
    [InlineData("2026-11-22T02:20:02Zulu")]
    [InlineData("9999-12-31T23:59:59-01:00")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    public void TryParse_OfAnythingElse_SaysNo(string text) => Assert.False(CeleryTime.TryParse(text, out _));

    [Theory]
    [InlineData("2026-11-22T02:20:02.6167669+00:00", "2026-11-22T02:20:02.616766+00:00")]
    [InlineData("2026-11-22T02:20:02.5000000+05:30", "2026-11-22T02:20:02.500000+05:30")]
    [InlineData("2026-11-22T02:20:02.0000009-03:00", "2026-11-22T02:20:02-03:00")]
    public void Format_WritesNoFractionOrSixDigits(string instant, string expected)
    {
        DateTimeOffset value = DateTimeOffset.ParseExact(instant, "o", null);
        Span<byte> utf8 = stackalloc byte[CeleryTime.MaxLength];

        Assert.Equal(expected, CeleryTime.Format(value));
        Assert.Equal(expected, Encoding.ASCII.GetString(utf8[..CeleryTime.Format(value, utf8)]));
    }
}
