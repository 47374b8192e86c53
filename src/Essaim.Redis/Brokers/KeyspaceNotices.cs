namespace Essaim.Redis;

/// <summary>Has the server announce pushes to lists, where it allows that.</summary>
internal static class KeyspaceNotices
{
    private const string Setting = "notify-keyspace-events";

    /// <summary>False where the server sends none and may not be told to.</summary>
    public static async ValueTask<bool> TryEnableAsync(RedisClient client, CancellationToken cancellationToken)
    {
        try
        {
            RespReply reply = await client.SendAsync(new RespCommand("CONFIG", idempotent: true).Add("GET").Add(Setting), cancellationToken);
            string flags = reply.AsTexts() is [_, { } set] ? set : "";
            if (flags.Contains('K', StringComparison.Ordinal) && flags.AsSpan().ContainsAny('l', 'A'))
                return true;
            await client.SendAsync(new RespCommand("CONFIG", idempotent: true).Add("SET").Add(Setting).Add(flags + "Kl"), cancellationToken);
            return true;
        }
        catch (RedisReplyException)
        {
            // Not allowed here (a managed server, an ACL): looking stays.
            return false;
        }
    }
}
