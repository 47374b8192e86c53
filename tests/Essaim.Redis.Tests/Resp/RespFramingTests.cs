using System.Text;

namespace Essaim.Redis.Tests;

public sealed class RespFramingTests
{
    private static readonly string[] s_replies =
    [
        "+OK\r\n",
        "+\r\n",
        "-ERR no such thing\r\n",
        ":0\r\n",
        ":-9223372036854775808\r\n",
        "$-1\r\n",
        "$0\r\n\r\n",
        "$12\r\na\r\nb\r\n*3\r\n\0\0\r\n",
        "*-1\r\n",
        "*0\r\n",
        "*3\r\n$1\r\na\r\n*2\r\n:1\r\n*-1\r\n$-1\r\n",
        "*2\r\n*2\r\n*0\r\n*1\r\n+x\r\n-ERR y\r\n",
        "_\r\n",
        "#t\r\n",
        "#f\r\n",
        ",3.25e-7\r\n",
        ",-inf\r\n",
        "(3492890328409238509324850943850943825024385\r\n",
        "!11\r\nERR a\r\nbcde\r\n",
        "=8\r\ntxt:abcd\r\n",
        "%2\r\n+a\r\n:1\r\n$1\r\nb\r\n~2\r\n#t\r\n_\r\n",
        ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$3\r\nabc\r\n",
        "|1\r\n+ttl\r\n:3600\r\n*2\r\n:1\r\n|1\r\n+k\r\n+v\r\n:2\r\n",
        "%0\r\n",
    ];

    public static TheoryData<string> Replies => [.. s_replies];

    [Theory]
    [MemberData(nameof(Replies))]
    public void Find_EverySplit_CompleteAtTheEndOnly(string text)
    {
        byte[] reply = Encoding.Latin1.GetBytes(text);
        byte[] followed = [.. reply, .. "+next\r\n"u8];

        for (int first = 0; first <= reply.Length; first++)
        {
            for (int second = first; second <= reply.Length; second++)
            {
                RespFraming framing = default;
                Assert.Equal(first == reply.Length ? reply.Length : -1, framing.Find(followed.AsSpan(0, first)));
                if (first == reply.Length)
                    continue;
                Assert.Equal(second == reply.Length ? reply.Length : -1, framing.Find(followed.AsSpan(0, second)));
                Assert.Equal(reply.Length, framing.Find(followed));
            }
        }

        RespReader reader = new(reply);
        reader.Skip();
        Assert.True(reader.IsAtEnd);
    }

    [Theory]
    [InlineData("HTTP/1.1 400\r\n", 72, "no reply begins so")]
    [InlineData("HT", 72, "no reply begins so")]
    [InlineData(":1x\r\n", 58, "its number is none")]
    [InlineData("$-2\r\n", 36, "its number is none")]
    [InlineData("$536870913\r\n", 36, "its number is none")]
    [InlineData("*67108865\r\n", 42, "its number is none")]
    [InlineData("%-1\r\n", 37, "its number is none")]
    [InlineData("*2\r\n*67108864\r\n", 42, "it has more elements than any reply")]
    [InlineData("$1\r\nabc\r\n", 36, "it is not as long as it says")]
    [InlineData("=3\r\ntxt\r\n", 61, "no format before its text")]
    [InlineData("+a\rb", 43, "a carriage return without a line feed")]
    [InlineData("#x\r\n", 35, "it is neither true nor false")]
    [InlineData(":0123456789012345678901234567890123456789", 58, "its first line does not end")]
    public void Find_NoReply_Throws(string text, int first, string fault)
    {
        RespFraming framing = default;
        RedisProtocolException? refused = null;
        try
        {
            framing.Find(Encoding.Latin1.GetBytes(text));
        }
        catch (RedisProtocolException error)
        {
            refused = error;
        }

        Assert.Equal(
            ("ESS2113", $"What came is not Redis' protocol: an element that begins with byte {first} ({fault}). Is there a Redis server behind this address, and TLS where it wants TLS (rediss://)?"),
            (refused?.Code, refused?.Message));
    }

    [Fact]
    public void Find_MutatedReplies_NeverAnythingButAnAnswer()
    {
        Random random = new(20260611);
        byte[][] replies = [.. s_replies.Select(Encoding.Latin1.GetBytes)];
        byte[] marks = Encoding.Latin1.GetBytes("+-:$*_,#(!=%~>|\r\n0123456789");
        byte[] bytes = new byte[256];
        (int found, int more, int refused) = (0, 0, 0);
        for (int i = 0; i < 1_000_000; i++)
        {
            byte[] one = replies[random.Next(replies.Length)];
            byte[] other = replies[random.Next(replies.Length)];
            one.CopyTo(bytes, 0);
            int cut = random.Next(one.Length + 1);
            other.CopyTo(bytes, cut);
            int length = Math.Max(1, random.Next(4) == 0 ? random.Next(cut + other.Length) : cut + other.Length);
            for (int changes = random.Next(4); changes > 0; changes--)
                bytes[random.Next(length)] = random.Next(8) == 0 ? (byte)random.Next(256) : marks[random.Next(marks.Length)];

            switch (Answer(bytes.AsMemory(0, length)))
            {
                case 0: more++; break;
                case 1: found++; break;
                default: refused++; break;
            }
        }

        Assert.True(found > 50_000 && more > 50_000 && refused > 50_000, $"found {found}, more {more}, refused {refused}");
    }

    private static int Answer(ReadOnlyMemory<byte> bytes)
    {
        int end;
        try
        {
            RespFraming framing = default;
            end = framing.Find(bytes.Span);
        }
        catch (RedisProtocolException)
        {
            return 2;
        }

        if (end < 0)
            return 0;
        RespReader reader = new(bytes[..end]);
        reader.Skip();
        Assert.True(reader.IsAtEnd, Convert.ToHexString(bytes.Span));
        return 1;
    }
}
