using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Essaim;

/// <summary>Reads one YAML document as nodes that know their line and column.</summary>
internal static class YamlNodes
{
    // Aliases of aliases grow without end; nobody writes this much by hand.
    private const int MostNodes = 200_000;
    private const int MostDepth = 64;

    /// <summary>The document; null where it is none, which is then reported.</summary>
    public static ConfigNode? Parse(string text, ConfigReport report)
    {
        Parser parser = new(new Scanner(new StringReader(text), skipComments: true));
        try
        {
            parser.Consume<StreamStart>();
            if (parser.TryConsume<StreamEnd>(out _))
                return new ConfigNode(ConfigNodeKind.Map, "", 1, 1);
            parser.Consume<DocumentStart>();
            ConfigNode root = new Reading(parser).ReadValue(0).Node;
            parser.Consume<DocumentEnd>();
            if (!parser.Accept<StreamEnd>(out _))
                throw new YamlException(parser.Current!.Start, parser.Current.End, "The file has more than one document.");
            return root.Kind == ConfigNodeKind.Null ? new ConfigNode(ConfigNodeKind.Map, "", 1, 1) : root;
        }
        catch (YamlException wrong)
        {
            return Refuse(wrong.Start, wrong.Message);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // The parser itself stumbles over some texts that are no YAML, with exceptions of many kinds.
            return Refuse(parser.Current?.End ?? Mark.Empty, "it cannot be read any further");
        }

        ConfigNode? Refuse(Mark at, string why)
        {
            ConfigNode place = new(ConfigNodeKind.Null, "", (int)at.Line, (int)at.Column);
            report.Add(place, "", $"This is not YAML: {why.TrimEnd('.')}.", "Correct it there; indent with spaces, and put texts with ': ' or '#' in quotes.");
            return null;
        }
    }

    private sealed class Reading(Parser parser)
    {
        private readonly Dictionary<string, (ConfigNode Node, int Size)> _anchors = new(StringComparer.Ordinal);
        private int _nodes;

        public (ConfigNode Node, int Size) ReadValue(int depth)
        {
            ParsingEvent next = parser.Current!;
            (int line, int column) = ((int)next.Start.Line, (int)next.Start.Column);
            if (depth > MostDepth)
                throw Wrong(next, $"It is nested more than {MostDepth} deep.");
            parser.MoveNext();
            if (next is AnchorAlias alias)
            {
                if (!_anchors.TryGetValue(alias.Value.Value, out (ConfigNode Node, int Size) known))
                    throw Wrong(next, $"Nothing is called '{alias.Value.Value}' before.");
                Count(next, known.Size);
                return known;
            }

            int before = _nodes;
            Count(next, 1);
            ConfigNode node = next switch
            {
                Scalar { Style: ScalarStyle.Plain } plain => ConfigNode.OfPlain(plain.Value, line, column),
                Scalar scalar => new ConfigNode(ConfigNodeKind.Text, scalar.Value, line, column),
                SequenceStart => new ConfigNode(ConfigNodeKind.List, "", line, column) { Items = ReadItems(depth) },
                MappingStart => new ConfigNode(ConfigNodeKind.Map, "", line, column) { Entries = ReadEntries(depth) },
                _ => throw Wrong(next, "A value is missing."),
            };
            (ConfigNode, int) read = (node, _nodes - before);
            if (next is NodeEvent { Anchor.IsEmpty: false } anchored)
                _anchors[anchored.Anchor.Value] = read;
            return read;
        }

        private List<ConfigNode> ReadItems(int depth)
        {
            List<ConfigNode> items = [];
            while (!parser.TryConsume<SequenceEnd>(out _))
                items.Add(ReadValue(depth + 1).Node);
            return items;
        }

        private List<(ConfigNode, ConfigNode)> ReadEntries(int depth)
        {
            List<(ConfigNode, ConfigNode)> entries = [];
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                ParsingEvent at = parser.Current!;
                ConfigNode name = ReadValue(depth + 1).Node;
                if (name.Kind is ConfigNodeKind.List or ConfigNodeKind.Map)
                    throw Wrong(at, "A name must be a text.");
                entries.Add((name, ReadValue(depth + 1).Node));
            }

            return entries;
        }

        private void Count(ParsingEvent at, int nodes)
        {
            if ((_nodes += nodes) > MostNodes)
                throw Wrong(at, $"It has more than {MostNodes} values, aliases followed.");
        }

        private static YamlException Wrong(ParsingEvent at, string message) => new(at.Start, at.End, message);
    }
}
