using System.Text;

namespace Essaim.Redis.Tests;

public sealed class RespCommandTests
{
    [Fact]
    public void Encode_ArgumentsOfAllKinds_OnTheWire()
    {
        using RespCommand command = new RespCommand("SET").Add("é").Add([0, 13, 10]).Add(new byte[] { 65 }.AsMemory()).Add(long.MinValue).Add("a:", "b").Add("");

        Assert.Equal("*7\r\n$3\r\nSET\r\n$2\r\nÃ©\r\n$3\r\n\0\r\n\r\n$1\r\nA\r\n$20\r\n-9223372036854775808\r\n$3\r\na:b\r\n$0\r\n\r\n", Text(command));
        Assert.Equal(("SET", 7, false), (command.Name, command.Count, command.IsIdempotent));
    }

    [Fact]
    public void Encode_CalledAgainAfterMore_IsWholeEachTime()
    {
        using RespCommand command = new("PING", idempotent: true);

        Assert.Equal("*1\r\n$4\r\nPING\r\n", Text(command));
        command.Add("x");
        Assert.Equal("*2\r\n$4\r\nPING\r\n$1\r\nx\r\n", Text(command));
        Assert.Equal("*2\r\n$4\r\nPING\r\n$1\r\nx\r\n", Text(command));
    }

    [Fact]
    public void Add_MoreThanRoom_Grows()
    {
        using RespCommand command = new("DEL", sizeHint: 16);
        StringBuilder expected = new("*1001\r\n$3\r\nDEL\r\n");
        for (int i = 0; i < 1000; i++)
        {
            string key = new('k', i);
            command.Add(key);
            expected.Append('$').Append(i).Append("\r\n").Append(key).Append("\r\n");
        }

        Assert.Equal(expected.ToString(), Text(command));
    }

    [Theory]
    [InlineData("LPUSH", 3)]
    [InlineData("A-NAME-OF-ELEVEN", 5000)]
    public void AddAll_OfAnother_ItsCountAndItsArguments(string name, int arguments)
    {
        using RespCommand outer = new RespCommand("EVALSHA", sizeHint: 16).Add("key");
        using RespCommand inner = new(name);
        StringBuilder expected = new($"*{arguments + 4}\r\n$7\r\nEVALSHA\r\n$3\r\nkey\r\n${arguments.ToString().Length}\r\n{arguments}\r\n");
        for (int i = 0; i < arguments; i++)
        {
            inner.Add("v");
            expected.Append("$1\r\nv\r\n");
        }

        outer.AddAll(inner).Add("end");

        Assert.Equal(expected.Append("$3\r\nend\r\n").ToString(), Text(outer));
        Assert.Equal(arguments + 4, outer.Count);
    }

    [Fact]
    public void AddAll_OfNothing_IsZero()
    {
        using RespCommand outer = new("X");
        using RespCommand inner = new("Y");

        Assert.Equal("*2\r\n$1\r\nX\r\n$1\r\n0\r\n", Text(outer.AddAll(inner)));
    }

    private static string Text(RespCommand command) => Encoding.Latin1.GetString(command.Encode().Span);
}
