using System.Text;
using System.Text.Json.Nodes;

namespace Essaim.Protocol.Tests;

/// <summary>100,000 spoiled messages: each is read, or refused with a place; nothing else happens and memory stays in proportion.</summary>
public sealed class MutatedMessageTests(ITestOutputHelper output)
{
    private const int Seed = 20261122;
    private const int Rounds = 100_000;

    /// <summary>The largest body a message here may unpack to, so that a mutation of a compressed one stays bounded too.</summary>
    private const int MaxBytes = 32 * 1024;

    /// <summary>An error with its stack, a pass over a small message, growth of the pools: what any message may cost.</summary>
    private const long ConstantBytes = 64 * 1024;

    /// <summary>
    /// Most messages stay below three times their size. Where a literal is misspelt the framework quotes the rest of the text in its
    /// own error, which takes up to ten, for a moment.
    /// </summary>
    private const long TimesInput = 12;

    private int _read;
    private int _refused;
    private double _worst;

    [Fact]
    public void Read_OfMutatedMessages_ReadsOrRefusesInBoundedMemory()
    {
        // bzip2 takes four megabytes for any message, by its nature.
        byte[][] envelopes = [.. CaptureFiles.Envelopes.Select(text => text.Text).Where(text => text.AsSpan().IndexOf("x-bz2"u8) < 0)];
        byte[][] bodies = [.. envelopes.Select(text => MessageBody.Open(MessageCodec.Decode(text), int.MaxValue).ToArray()).Distinct(new SameBytes())];
        byte[][] signatures = [.. bodies.SelectMany(text => Signatures(JsonNode.Parse(text))).Take(200)];
        byte[][] results = [.. CaptureFiles.Results.Select(text => text.Text)];
        output.WriteLine($"seed {Seed}, corpus {envelopes.Length} envelopes, {bodies.Length} bodies, {signatures.Length} signatures, {results.Length} results");

        Run(envelopes, Rounds / 4, text => MessageCodec.ReadBody(MessageCodec.Decode(text), MaxBytes));
        Run(bodies, Rounds / 4, text => MessageCodec.ReadBody(Sample.Message with { EncodedBody = MessageBody.ToBase64(text) }, int.MaxValue));
        Run(signatures, Rounds / 4, text => Walk(Signature.Decode(new RawJson(text)), 4));
        Run(results, Rounds / 4, text => Walk(ResultDocument.Decode(text)));

        output.WriteLine($"{_read} read, {_refused} refused; worst allocation {_worst:F1} times the input beyond {ConstantBytes} bytes");
        Assert.Equal(Rounds, _read + _refused);
        Assert.InRange(_read, Rounds / 50, Rounds);
        Assert.InRange(_refused, Rounds / 4, Rounds);
    }

    private void Run(byte[][] corpus, int rounds, Action<byte[]> read)
    {
        Mutator mutator = new(corpus, Seed);
        for (int round = 0; round < rounds; round++)
        {
            byte[] text = mutator.Next();
            long before = GC.GetAllocatedBytesForCurrentThread();
            bool refused = false;
            try
            {
                read(text);
            }
            catch (MessageFormatException error)
            {
                refused = true;
                Assert.True(error.Field is not null || error.Position >= 0, $"no place named: {error.Message}");
            }
            catch (Exception error)
            {
                Assert.Fail($"seed {Seed}, round {round}: {error}\n{Encoding.UTF8.GetString(text)}");
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            _worst = Math.Max(_worst, (allocated - ConstantBytes) / (double)Math.Max(text.Length, 1));
            Assert.True(allocated <= TimesInput * text.Length + ConstantBytes, $"seed {Seed}, round {round}: {allocated} bytes for {text.Length}");
            _ = refused ? _refused++ : _read++;
        }
    }

    private static void Walk(Signature signature, int levels)
    {
        if (levels == 0)
            return;
        foreach (Signature member in signature.GetTasks().Concat(signature.GetHeader()))
            Walk(member, levels - 1);
        _ = signature.GetBody();
        _ = signature.Encode();
    }

    private static void Walk(ResultDocument document)
    {
        _ = document.Encode();
        if (!document.State.IsException)
            return;
        ExceptionDocument error = ExceptionDocument.Decode(document.Result);
        _ = error.GetText();
        _ = error.ToRepr();
    }

    private static IEnumerable<byte[]> Signatures(JsonNode? node)
    {
        IEnumerable<JsonNode?> children = node switch { JsonObject map => map.Select(pair => pair.Value), JsonArray list => list, _ => [] };
        IEnumerable<byte[]> below = children.SelectMany(Signatures);
        return node is JsonObject signature && signature.ContainsKey("subtask_type") ? below.Prepend(signature.Bytes()) : below;
    }

    private sealed class SameBytes : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] text) => new RawJson(text).GetHashCode();
    }
}
