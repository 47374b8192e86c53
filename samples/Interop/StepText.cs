using System.Text.Json;
using System.Text.RegularExpressions;
using Essaim;
using Essaim.Protocol;

namespace Interop;

/// <summary>A step of a canvas on the command line.</summary>
internal static partial class StepText
{
    /// <summary>Reads <c>NAME[@QUEUE] ARGS… key=value</c>, or a signature in Celery's JSON form.</summary>
    public static Signature Read(string text)
    {
        if (text.StartsWith('{'))
            return Signature.Decode(RawJson.Parse(text));
        string[] words = [.. Word().Matches(text).Select(match => match.Value)];
        if (words.Length == 0)
            throw new AppException("ESS4001", "A step is empty. Write NAME[@QUEUE] ARGS…, such as 'tasks.add 2 3'.");
        List<object?> args = [];
        Dictionary<string, object?> kwargs = [];
        foreach (string word in words[1..])
        {
            Match keyword = Keyword().Match(word);
            if (keyword.Success)
                kwargs[keyword.Groups[1].Value] = Value(word[keyword.Length..]);
            else
                args.Add(Value(word));
        }

        string[] target = words[0].Split('@', 2);
        return TaskSignature.Of(target[0], args, kwargs, new EnqueueOptions { Queue = target.Length == 2 ? target[1] : null });
    }

    /// <summary>JSON where it reads as JSON, else text.</summary>
    public static object? Value(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return text;
        }
    }

    /// <summary>Words end at blanks outside quotes and brackets.</summary>
    [GeneratedRegex("""(?:"(?:[^"\\]|\\.)*"|\[[^\]]*\]|\{[^}]*\}|\S)+""")]
    private static partial Regex Word();

    [GeneratedRegex("^([A-Za-z_][A-Za-z0-9_]*)=")]
    private static partial Regex Keyword();
}
