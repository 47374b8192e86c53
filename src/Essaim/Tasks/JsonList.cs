using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>JSON lists taken apart and put together without reading their items.</summary>
internal static class JsonList
{
    public static readonly JsonReaderOptions Deep = new() { MaxDepth = EssaimJson.MaxDepth };

    public static IReadOnlyList<RawJson> Split(RawJson list)
    {
        List<RawJson> items = [];
        Utf8JsonReader reader = new(list.Utf8.Span, Deep);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            items.Add(new RawJson(list.Utf8[start..(int)reader.BytesConsumed]));
        }

        return items;
    }

    public static RawJson Of(params IReadOnlyList<RawJson> items)
    {
        int length = 2 + Math.Max(0, items.Count - 1);
        foreach (RawJson item in items)
            length += item.Utf8.Length;
        byte[] text = new byte[length];
        text[0] = (byte)'[';
        int at = 1;
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0)
                text[at++] = (byte)',';
            items[i].Utf8.CopyTo(text.AsMemory(at));
            at += items[i].Utf8.Length;
        }

        text[at] = (byte)']';
        return new RawJson(text);
    }

    /// <summary><paramref name="first"/> + <paramref name="second"/>.</summary>
    public static RawJson Concat(RawJson first, RawJson second)
    {
        IReadOnlyList<RawJson> tail = Split(second);
        return tail.Count == 0 ? first : Of([.. Split(first), .. tail]);
    }
}
