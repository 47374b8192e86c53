using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>A queue's definition as it is published.</summary>
internal static class QueueJson
{
    public static RawJson Write(QueueDefinition queue)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            QueueFields.All.Write(json, QueueFields.ValuesOf(queue));
            json.WriteEndObject();
        }

        return new RawJson(stream.ToArray());
    }
}
