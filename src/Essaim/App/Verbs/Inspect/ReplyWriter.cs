using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Writes the answers of nodes.</summary>
internal static class ReplyWriter
{
    public static int Write(CommandContext context, IReadOnlyList<ControlReply> replies, InspectTable table)
    {
        if (context.Output.IsJson)
            context.Output.Json(ToJson(replies));
        else
            context.Output.Table(["NODE", .. table.Headers], table.Make(replies));
        return ExitCodeOf(replies);
    }

    /// <summary>Failed where a node answered with an error.</summary>
    public static int ExitCodeOf(IReadOnlyList<ControlReply> replies) =>
        replies.Any(reply => JsonCell.Get(reply.Value.Deserialize<JsonElement>(), "error") is not null) ? ExitCodes.Failed : ExitCodes.Ok;

    // Two workers may have one name by mistake; the later answer is shown then.
    private static RawJson ToJson(IReadOnlyList<ControlReply> replies)
    {
        Dictionary<string, JsonElement> byNode = new(StringComparer.Ordinal);
        foreach (ControlReply reply in replies)
            byNode[reply.Node] = reply.Value.Deserialize<JsonElement>();
        return RawJson.From(byNode);
    }
}
