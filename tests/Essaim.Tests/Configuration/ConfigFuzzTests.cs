using System.Text;
using Essaim.Protocol;

namespace Essaim.Tests.Configuration;

/// <summary>Ten thousand random documents: never another exception than the validation error, never half of a document in force.</summary>
public sealed class ConfigFuzzTests
{
    private const int Documents = 10_000;

    private static readonly string[] Words =
    [
        "queues", "routes", "base", "revision", "environments", "name", "routing_key", "class", "priority", "concurrency", "rate", "rate_key", "rate_burst", "fifo", "retry",
        "max_retries", "delay", "requires", "soft_time_limit", "time_limit", "target_wait", "scan", "high", "hihg", "100/m", "-1", "0", "1e999", "99999999999999999999", "1e-400", "30s", "5m",
        "999999999999999999h", "true", "null", "~", "[]", "{}", "a@b", "é€😀", "\u0000", "task_time_limit", "task_default_queue", "placement", "groups", "match", "timezone", "Europe/Paris",
        "accept_content", "json", "result_expires", "task_compress_above", "8k", "worker_pool", "queue", "*", "scan.*", "${env:HOME}", "password", "http://a:b@c", "''", "\"", ":", ": ", "#", "- ", "&a", "*a",
        "!!binary", "|", ">", "%", "---", "...", "\t", "\n", "\n  ", "\n    ", "{", "}", "[", "]", ",",
    ];

    private const string Seed = """
        revision: 3
        queues:
          scan: { class: io, priority: high, concurrency: 4, rate: 100/m, rate_key: url|host, soft_time_limit: 30s, time_limit: 1m }
          insert:
            fifo: true
            retry: { max_retries: 5, delay: 2s, back_off: constant }
            requires: [gpu, arch=arm64]
        routes: { scan.*: scan, rows.insert: { queue: insert } }
        base: { task_time_limit: 5m, result_expires: 3600, placement: { mode: specialised, groups: [{ match: gpu, queues: [scan] }] } }
        environments: { dev: { queues: { scan: { concurrency: 1 } } } }
        """;

    [Fact]
    public void Check_RandomYaml_OnlyTheValidationErrorComes()
    {
        Random random = new(20260101);
        int right = 0;
        for (int i = 0; i < Documents; i++)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(i % 2 == 0 ? Mutate(Seed, random) : Compose(random));
            if (i % 7 == 0 && bytes.Length > 0)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            ConfigReport report = new("fuzz.yaml");
            ConfigNode? root = ConfigSource.Parse(i % 3 == 0 ? "fuzz.json" : "fuzz.yaml", bytes, report);
            FleetConfiguration? read = root is null ? null : ConfigChecker.CheckSource(root, report);
            Assert.True(root is not null || report.Mistakes.Count > 0, Encoding.UTF8.GetString(bytes));
            if (read is null || report.Mistakes.Count > 0)
                continue;
            right++;
            // What is right in a file is right when it is published, and the same.
            FleetConfiguration again = FleetConfiguration.Read(new ConfigSnapshot("1.000000", default, read.Document));
            Assert.Equal(read.Queues.Select(QueueJson.Write), again.Queues.Select(QueueJson.Write));
        }

        Assert.InRange(right, Documents / 100, Documents - 1);
    }

    [Fact]
    public async Task Follow_RandomDocuments_EachIsInForceWholeOrNotAtAll()
    {
        Random random = new(7);
        LiveConfiguration live = new();
        int applied = 0, refused = 0;
        string whole = "";
        for (int i = 0; i < Documents; i++)
        {
            ConfigDocument document = new(RandomPart(random), RandomPart(random), RandomPart(random), "x") { Revision = i };
            ConfigSnapshot snapshot = new($"{i + 1}.000000", default, document) { DeclaredHash = i % 5 == 0 ? null : i % 50 == 1 ? "00" : document.Hash };
            try
            {
                live.Apply(FleetConfiguration.Read(snapshot), ConfigurationOrigin.Published);
                whole = snapshot.Version;
                applied++;
            }
            catch (ConfigException wrong)
            {
                Assert.Equal("ESS1302", wrong.Code);
                refused++;
            }

            Assert.Equal(whole, live.Current.Version);
            Assert.True(live.Current.Queues.Count == live.Current.Document.Queues.Count);
        }

        Assert.True(applied > 100 && refused > 100, $"{applied} applied, {refused} refused");
        await Task.CompletedTask;
    }

    private static string Mutate(string text, Random random)
    {
        StringBuilder mutated = new(text);
        for (int n = random.Next(1, 5); n > 0; n--)
        {
            int at = random.Next(mutated.Length);
            switch (random.Next(4))
            {
                case 0:
                    mutated.Remove(at, Math.Min(random.Next(1, 12), mutated.Length - at));
                    break;
                case 1:
                    mutated.Insert(at, Words[random.Next(Words.Length)]);
                    break;
                case 2:
                    mutated[at] = (char)random.Next(1, 0x250);
                    break;
                default:
                    int length = Math.Min(random.Next(1, 40), mutated.Length - at);
                    mutated.Insert(random.Next(mutated.Length), mutated.ToString(at, length));
                    break;
            }
        }

        return mutated.ToString();
    }

    private static string Compose(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => Words[random.Next(Words.Length)] + (random.Next(3) == 0 ? ": " : " ")));

    private static Dictionary<string, RawJson> RandomPart(Random random)
    {
        Dictionary<string, RawJson> part = new(StringComparer.Ordinal);
        for (int n = random.Next(3); n > 0; n--)
            part[Words[random.Next(Words.Length)]] = RandomJson(random, 0);
        return part;
    }

    private static RawJson RandomJson(Random random, int depth) => random.Next(depth > 3 ? 4 : 9) switch
    {
        0 => RawJson.From(Words[random.Next(Words.Length)]),
        1 => RawJson.From(random.Next(-3, 100)),
        2 => RawJson.Parse(random.Next(2) == 0 ? "true" : "null"),
        3 => new RawJson(Encoding.UTF8.GetBytes(Words[random.Next(Words.Length)])),
        4 => RawJson.Parse($"[{string.Join(',', Enumerable.Range(0, random.Next(3)).Select(_ => Valid(RandomJson(random, depth + 1))))}]"),
        _ => RawJson.Parse($"{{{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => $"{System.Text.Json.JsonSerializer.Serialize(Words[random.Next(Words.Length)])}:{Valid(RandomJson(random, depth + 1))}"))}}}"),
    };

    private static string Valid(RawJson json)
    {
        try
        {
            return RawJson.Parse(json.ToString()).ToString();
        }
        catch (System.Text.Json.JsonException)
        {
            return "1";
        }
    }
}
