using System.Text;
using System.Text.Json;

namespace Essaim;

/// <summary>Reads JSON as nodes that know their line and column.</summary>
internal static class JsonNodes
{
    private const int MostDepth = 64;

    /// <summary>The document; null where it is none, which is then reported.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="report">For what is no JSON.</param>
    /// <param name="path">Where in the whole it stands.</param>
    /// <param name="hasLines">True for a file; else there are no lines to tell.</param>
    public static ConfigNode? Parse(ReadOnlySpan<byte> json, ConfigReport report, string path = "", bool hasLines = false)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = hasLines, MaxDepth = MostDepth });
        Places places = new(json, hasLines);
        try
        {
            reader.Read();
            ConfigNode root = ReadValue(ref reader, ref places);
            while (reader.Read())
            {
            }

            return root;
        }
        catch (JsonException wrong)
        {
            (int line, int column) = hasLines ? ((int)(wrong.LineNumber ?? 0) + 1, (int)(wrong.BytePositionInLine ?? 0) + 1) : (0, 0);
            string problem = wrong.Message.Split(" LineNumber:", 2)[0];
            report.Add(new ConfigNode(ConfigNodeKind.Null, "", line, column), path, $"This is not JSON: {problem}", "Correct it there.");
            return null;
        }
        catch (InvalidOperationException)
        {
            // A text whose escapes are halves of a character.
            report.Add(ConfigNode.Null, path, "A text is not Unicode.", "Write its characters whole.");
            return null;
        }
    }

    private static ConfigNode ReadValue(ref Utf8JsonReader reader, ref Places places)
    {
        (int line, int column) = places.Of(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                List<(ConfigNode, ConfigNode)> entries = [];
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    (int nameLine, int nameColumn) = places.Of(reader.TokenStartIndex);
                    ConfigNode name = new(ConfigNodeKind.Text, reader.GetString()!, nameLine, nameColumn);
                    reader.Read();
                    entries.Add((name, ReadValue(ref reader, ref places)));
                }

                return new ConfigNode(ConfigNodeKind.Map, "", line, column) { Entries = entries };
            case JsonTokenType.StartArray:
                List<ConfigNode> items = [];
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    items.Add(ReadValue(ref reader, ref places));
                return new ConfigNode(ConfigNodeKind.List, "", line, column) { Items = items };
            case JsonTokenType.String:
                return new ConfigNode(ConfigNodeKind.Text, reader.GetString()!, line, column);
            case JsonTokenType.Number:
                return new ConfigNode(ConfigNodeKind.Number, Encoding.UTF8.GetString(reader.ValueSpan), line, column);
            case JsonTokenType.True or JsonTokenType.False:
                return new ConfigNode(ConfigNodeKind.Flag, reader.TokenType == JsonTokenType.True ? "true" : "false", line, column);
            default:
                return new ConfigNode(ConfigNodeKind.Null, "null", line, column);
        }
    }

    /// <summary>Goes from offsets to lines and columns, forwards only.</summary>
    private ref struct Places(ReadOnlySpan<byte> text, bool wanted)
    {
        private readonly ReadOnlySpan<byte> _text = text;
        private int _at;
        private int _lineStart;
        private int _line = 1;

        public (int Line, int Column) Of(long offset)
        {
            if (!wanted)
                return default;
            for (; _at < offset; _at++)
            {
                if (_text[_at] == (byte)'\n')
                    (_line, _lineStart) = (_line + 1, _at + 1);
            }

            return (_line, Encoding.UTF8.GetCharCount(_text[_lineStart..(int)offset]) + 1);
        }
    }
}
