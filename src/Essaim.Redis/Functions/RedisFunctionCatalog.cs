using Essaim.Protocol;

namespace Essaim.Redis;

/// <summary>The catalog of functions: a hash for each with its versions, and one of all stamps.</summary>
internal sealed class RedisFunctionCatalog(RedisLink link) : IFunctionCatalog
{
    private static readonly RedisScript Put = RedisScript.Load("function_put.lua");
    private static readonly RedisScript Find = RedisScript.Load("function_find.lua");
    private static readonly RedisScript Stamps = RedisScript.Load("function_stamps.lua");
    private readonly string _index = link.Keys.Own + "functions";
    private readonly string _start = link.Keys.Own + "function:";

    public async ValueTask<FunctionEntry?> FindAsync(string name, string? version, CancellationToken cancellationToken)
    {
        RespCommand command = link.Call(Find, idempotent: true).Add(_start + name).Add(version ?? "");
        RespReader reader = (await link.EvalAsync(Find, command, cancellationToken)).Read();
        switch (reader.ReadArray())
        {
            case 0:
                return null;
            case 1:
                throw new FunctionReference(name, version).Ambiguous();
            default:
                string id = reader.ReadText()!;
                return new FunctionEntry(name, id, new RawJson(reader.ReadBytes() ?? default));
        }
    }

    public async ValueTask PutAsync(FunctionListing listing, CancellationToken cancellationToken)
    {
        RespCommand command = link.Call(Put, idempotent: true, sizeHint: 4096).Add(_start + listing.Name).Add(_index).Add(listing.Name).Add(listing.Stamp).Add(listing.Latest);
        foreach ((string version, RawJson document) in listing.Versions)
            command.Add(version).Add(document.Utf8);
        await link.EvalAsync(Put, command, cancellationToken);
    }

    public async ValueTask<bool> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        // The key first: a name without its versions is not whole, and is put anew or removed again.
        long key = (await link.Client.SendAsync(new RespCommand("DEL").Add(_start + name), cancellationToken)).AsInteger();
        long listed = (await link.Client.SendAsync(new RespCommand("HDEL").Add(_index).Add(name), cancellationToken)).AsInteger();
        return key + listed > 0;
    }

    public async ValueTask<IReadOnlyDictionary<string, string>> GetStampsAsync(CancellationToken cancellationToken)
    {
        RespReader reader = (await link.EvalAsync(Stamps, link.Call(Stamps, idempotent: true).Add(_index).Add(_start), cancellationToken)).Read();
        Dictionary<string, string> stamps = new(StringComparer.Ordinal);
        for (int left = reader.ReadArray(); left > 0; left -= 2)
        {
            string name = reader.ReadText()!;
            stamps[name] = reader.ReadText()!;
        }

        return stamps;
    }
}
