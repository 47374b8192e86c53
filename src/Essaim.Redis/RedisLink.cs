namespace Essaim.Redis;

/// <summary>What every part of the backend shares: the client, the names, the settings, the clock.</summary>
internal sealed record RedisLink(RedisClient Client, RedisKeys Keys, RedisSettings Settings, ServerClock Clock)
{
    /// <summary>The priority steps as scripts take them.</summary>
    public string Steps { get; } = string.Join(',', Settings.PrioritySteps);

    /// <summary>Begins a call of a script with what every script takes first.</summary>
    public RespCommand Call(RedisScript script, bool idempotent = false, int sizeHint = 512)
    {
        RespCommand command = script.Call(0, idempotent, sizeHint);
        Clock.AddTo(command);
        return command.Add(Keys.Own).Add(Keys.Global);
    }

    public ValueTask<RespReply> EvalAsync(RedisScript script, RespCommand command, CancellationToken cancellationToken) =>
        Client.EvalAsync(script, command, cancellationToken);
}
