using System.Text.Json;

namespace Essaim.Tests.App;

public sealed class TaskArgumentsTests
{
    [Fact]
    public void Parse_Words_AreJsonWhereTheyReadAsJson() =>
        Assert.Equal("""[2,-3.50,true,null,[1],{"a":1},"text","007","5","a=b","with space"]""", Args("2", "-3.50", "true", "null", "[1]", "{\"a\":1}", "text", "007", "\"5\"", "\"a=b\"", "with space"));

    [Fact]
    public void Parse_NameAndValue_IsAKeywordArgument()
    {
        TaskArguments arguments = TaskArguments.Parse(["to=ada@example.com", "n=3", "empty=", "n=4", "9x=1", "?a=b"]);
        Assert.Equal("""{"to":"ada@example.com","n":4,"empty":""}""", JsonSerializer.Serialize(arguments.Kwargs));
        Assert.Equal(["9x=1", "?a=b"], arguments.Args);
    }

    private static string Args(params string[] words) => JsonSerializer.Serialize(TaskArguments.Parse(words).Args);
}
