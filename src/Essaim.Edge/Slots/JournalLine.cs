using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Essaim.Edge;

/// <summary>One line of the journal, of one of three kinds: an epoch begins, a vote was accepted, votes were answered. On disk: <c>crc32 json\n</c>.</summary>
internal sealed record JournalLine
{
    private const int CrcDigits = 8;

    /// <summary>An epoch begins: 12 hex digits.</summary>
    [JsonPropertyName("hdr")]
    public string? Epoch { get; init; }

    /// <summary>With <see cref="Epoch"/>: the last number already given in it.</summary>
    public long? Last { get; init; }

    /// <summary>A vote was accepted, in the epoch that began last.</summary>
    public StoredVote? Vote { get; init; }

    /// <summary>Votes of this epoch were answered.</summary>
    [JsonPropertyName("ack")]
    public string? Acknowledged { get; init; }

    /// <summary>With <see cref="Acknowledged"/>: which.</summary>
    [JsonPropertyName("s")]
    public IReadOnlyList<long>? Sequences { get; init; }

    public byte[] ToBytes()
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(this, EdgeJson.Default.JournalLine);
        byte[] line = new byte[CrcDigits + 1 + json.Length + 1];
        Encoding.ASCII.GetBytes(Crc32.Of(json).ToString("x8", CultureInfo.InvariantCulture), line);
        line[CrcDigits] = (byte)' ';
        json.CopyTo(line, CrcDigits + 1);
        line[^1] = (byte)'\n';
        return line;
    }

    /// <summary>The line without its end, or null where it is not as it was written.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, [NotNullWhen(true)] out JournalLine? read)
    {
        read = null;
        if (line.Length < CrcDigits + 3 || line[CrcDigits] != ' ' || !Utf8Parser.TryParse(line[..CrcDigits], out uint crc, out int used, 'x') || used != CrcDigits)
            return false;
        ReadOnlySpan<byte> json = line[(CrcDigits + 1)..];
        if (Crc32.Of(json) != crc)
            return false;
        try
        {
            read = JsonSerializer.Deserialize(json, EdgeJson.Default.JournalLine);
            return read is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>A vote as the slot keeps it.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Sequence">Its number in it, from 1.</param>
/// <param name="Press">What was pressed.</param>
/// <param name="Instead">Where the core held another vote under the first number: that number.</param>
internal sealed record StoredVote(
    [property: JsonPropertyName("e")] string Epoch, [property: JsonPropertyName("s")] long Sequence, Press Press, VoteNumber? Instead = null)
{
    [JsonIgnore]
    public VoteNumber Number => new(Epoch, Sequence);
}

/// <summary>What names a vote of a slot.</summary>
internal readonly record struct VoteNumber([property: JsonPropertyName("e")] string Epoch, [property: JsonPropertyName("s")] long Sequence);

/// <summary>A button was pressed, or the screen touched.</summary>
/// <param name="Choice">What it stands for.</param>
/// <param name="At">The slot's wall clock.</param>
/// <param name="Monotonic">Its monotonic clock, in ms.</param>
/// <param name="Boot">The boot of the machine that clock belongs to.</param>
/// <param name="IsSynchronised">The wall clock was synchronised.</param>
/// <param name="Input">The button; null where there was none.</param>
/// <param name="Round">The round the slot knew to be open; null where it knew none.</param>
internal sealed record Press(string Choice, string At, long Monotonic, string Boot, bool IsSynchronised, string? Input = null, string? Round = null);
