using System.Text;

namespace Essaim.Redis;

/// <summary>
/// Bindings as kombu keeps them: a set for each exchange, of routing key, pattern and queue. A topic's pattern is Python's regular expression, by
/// which Python's clients route (<c>kombu.transport.virtual.exchange.TopicExchange.key_to_pattern</c>).
/// </summary>
internal sealed class QueueBindings(RedisLink link)
{
    public async ValueTask<bool> AddAsync(string queue, string exchange, string routingKey, bool topic, CancellationToken cancellationToken)
    {
        RespCommand known = new RespCommand("SADD", idempotent: true).Add(link.Keys.Own + "queues").Add(queue);
        await link.Client.SendAsync(known, cancellationToken);
        return await ChangeAsync("SADD", queue, exchange, routingKey, topic, cancellationToken);
    }

    public ValueTask<bool> RemoveAsync(string queue, string exchange, string routingKey, bool topic, CancellationToken cancellationToken) =>
        ChangeAsync("SREM", queue, exchange, routingKey, topic, cancellationToken);

    /// <summary>A topic's pattern.</summary>
    public static string PatternOf(string routingKey) => $"^{string.Join("\\.", routingKey.Split('.').Select(word => word switch
    {
        "*" => ".*?[^\\.]",
        "#" => ".*?",
        _ => Escape(word),
    }))}$";

    private async ValueTask<bool> ChangeAsync(string verb, string queue, string exchange, string routingKey, bool topic, CancellationToken cancellationToken)
    {
        string member = $"{routingKey}\u0006\u0016{(topic ? PatternOf(routingKey) : "")}\u0006\u0016{queue}";
        RespCommand command = new RespCommand(verb, idempotent: true).Add(link.Keys.Binding(exchange)).Add(member);
        return (await link.Client.SendAsync(command, cancellationToken)).AsInteger() == 1;
    }

    // Kombu's own escape, not Python's: whatever is neither letter nor digit.
    private static string Escape(string word)
    {
        StringBuilder text = new(word.Length);
        foreach (char c in word)
        {
            if (!char.IsLetterOrDigit(c))
                text.Append('\\');
            text.Append(c);
        }

        return text.ToString();
    }
}
