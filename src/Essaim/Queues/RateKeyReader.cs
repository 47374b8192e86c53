using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Finds the value a queue's rate holds for in a task's arguments.</summary>
internal static class RateKeyReader
{
    private const string HostSuffix = "|host";

    /// <summary>The value as text; null where the task has none.</summary>
    /// <param name="expression"><c>argument</c> or <c>argument|host</c>; see <see cref="QueueDefinition.RateKey"/>.</param>
    /// <param name="message">The task.</param>
    /// <param name="definition">Tells the name of arguments that are sent by position.</param>
    public static string? Read(string expression, TaskMessage message, TaskDefinition definition)
    {
        bool host = expression.EndsWith(HostSuffix, StringComparison.Ordinal);
        string name = host ? expression[..^HostSuffix.Length] : expression;
        string? value = Find(name, message, definition);
        return value is not null && host ? HostOf(value) : value;
    }

    private static string? Find(string name, TaskMessage message, TaskDefinition definition)
    {
        TaskBody body;
        try
        {
            body = MessageCodec.ReadBody(message);
        }
        catch (MessageFormatException)
        {
            // Whoever runs it says what is wrong with it.
            return null;
        }

        string folded = TaskParameter.Fold(name);
        foreach (JsonProperty property in body.Kwargs.Deserialize<JsonElement>().EnumerateObject())
        {
            if (TaskParameter.Fold(property.Name) == folded)
                return Text(property.Value);
        }

        JsonElement args = body.Args.Deserialize<JsonElement>();
        for (int i = 0; i < definition.Parameters.Count && i < args.GetArrayLength(); i++)
        {
            if (definition.Parameters[i].FoldedName == folded)
                return Text(args[i]);
        }

        return null;
    }

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => value.GetRawText(),
    };

    private static string HostOf(string url) => Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) && uri.Host.Length > 0 ? uri.Host : url;
}
