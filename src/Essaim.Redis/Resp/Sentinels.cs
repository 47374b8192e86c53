namespace Essaim.Redis;

/// <summary>Asks sentinels which server is the master now.</summary>
internal static class Sentinels
{
    /// <exception cref="BackendException"><c>ESS2108</c>: none of them knows.</exception>
    public static async ValueTask<RedisHost> FindMasterAsync(RedisUrl url, CancellationToken cancellationToken)
    {
        List<string> answers = [];
        bool mayPass = true;
        // One that is off must not use up the time of those that are up: it often went down together with the master.
        TimeSpan share = url.ConnectTimeout / (url.Hosts.Count + 1);
        foreach (RedisHost sentinel in url.Hosts)
        {
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(share);
            try
            {
                if (await AskAsync(url, sentinel, patience.Token) is { } master)
                    return master;
                answers.Add($"{sentinel} does not know it");
                mayPass = false;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                answers.Add($"{sentinel} did not answer within {share.TotalSeconds:0.#} s");
            }
            catch (Exception problem) when (problem is EssaimException or ConnectionLostException)
            {
                answers.Add($"{sentinel}: {problem.Message}");
                mayPass &= problem is not EssaimException { MayPass: false };
            }
        }

        throw new BackendException(
            "ESS2108",
            $"No sentinel of {url.Display} says where the master {url.MasterName} is: {string.Join("; ", answers)}. Check master_name and the sentinels' addresses.")
        {
            MayPass = mayPass,
        };
    }

    private static async ValueTask<RedisHost?> AskAsync(RedisUrl url, RedisHost sentinel, CancellationToken cancellationToken)
    {
        RedisUrl one = url with
        {
            Hosts = [sentinel],
            MasterName = null,
            Database = 0,
            Tls = false,
            User = url.Options.GetValueOrDefault("sentinel_username"),
            Password = url.Options.GetValueOrDefault("sentinel_password"),
            Display = $"sentinel://{sentinel}",
        };
        await using RedisConnection connection = await new RedisOpener(one).OpenAsync(cancellationToken);
        using RespCommand command = new RespCommand("SENTINEL").Add("get-master-addr-by-name").Add(url.MasterName!);
        RespReply reply = await connection.SendAsync(command.Encode().Span, cancellationToken);
        if (reply.Kind == RespKind.Error)
            throw RedisOpener.Refused(connection.Address, reply.AsText()!);
        return !reply.IsNull && reply.AsTexts() is [var host, var port] && int.TryParse(port, out int number) ? new RedisHost(host, number) : null;
    }
}
