using System.Security.Cryptography;

namespace Essaim.Redis.Tests;

public sealed class ScriptDigestTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(55)]
    [InlineData(56)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(119)]
    [InlineData(120)]
    [InlineData(10_000)]
    public void Of_AnyLength_IsSha1(int length)
    {
        byte[] text = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];
#pragma warning disable CA5350 // As Redis names scripts.
        byte[] expected = SHA1.HashData(text);
#pragma warning restore CA5350

        Assert.Equal(expected, ScriptDigest.Of(text));
    }
}
