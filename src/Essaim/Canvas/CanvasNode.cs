using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>A task (no members) or a group that was given its id, and what runs before it.</summary>
internal sealed record CanvasNode(string Id, IReadOnlyList<CanvasNode>? Members = null, CanvasNode? Parent = null)
{
    public CanvasHandle ToHandle(TaskClient client)
    {
        CanvasHandle? parent = Parent?.ToHandle(client);
        return Members is null
            ? new TaskHandle(client, Id, parent)
            : new GroupHandle(client, Id, [.. Members.Select(member => member.ToHandle(client))], parent);
    }

    /// <summary>Celery's tuple form: <c>[[id, parent], null]</c>, or <c>[[id, parent], [member, …]]</c>.</summary>
    public void WriteTuple(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        writer.WriteStartArray();
        writer.WriteStringValue(Id);
        if (Parent is null)
            writer.WriteNullValue();
        else
            Parent.WriteTuple(writer);
        writer.WriteEndArray();
        if (Members is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteStartArray();
            foreach (CanvasNode member in Members)
                member.WriteTuple(writer);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    public static RawJson WriteList(IEnumerable<CanvasNode> nodes)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartArray();
            foreach (CanvasNode node in nodes)
                node.WriteTuple(writer);
            writer.WriteEndArray();
        }

        return new RawJson(buffer.ToArray());
    }
}
