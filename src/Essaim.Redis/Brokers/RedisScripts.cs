namespace Essaim.Redis;

/// <summary>The scripts of the broker and the result store, each put together from the pieces it uses.</summary>
internal static class RedisScripts
{
    public static readonly RedisScript Claim = RedisScript.Load("common.lua", "rates.lua", "claim.lua");
    public static readonly RedisScript ClaimTask = RedisScript.Load("common.lua", "find.lua", "claim_task.lua");
    public static readonly RedisScript FindTask = RedisScript.Load("common.lua", "find.lua", "find_task.lua");
    public static readonly RedisScript Publish = RedisScript.Load("common.lua", "publish_ops.lua", "publish.lua");
    public static readonly RedisScript Renew = RedisScript.Load("common.lua", "renew.lua");
    public static readonly RedisScript Settle = RedisScript.Load("common.lua", "publish_ops.lua", "results.lua", "chords.lua", "settle.lua");
    public static readonly RedisScript Reserve = RedisScript.Load("common.lua", "rates.lua", "reserve.lua");
    public static readonly RedisScript FreeKeys = RedisScript.Load("common.lua", "publish_ops.lua", "free_keys.lua");
    public static readonly RedisScript Pause = RedisScript.Load("common.lua", "pause.lua");
    public static readonly RedisScript Holders = RedisScript.Load("common.lua", "holders.lua");
    public static readonly RedisScript RecordStep = RedisScript.Load("common.lua", "record_step.lua");
    public static readonly RedisScript BlobPiece = RedisScript.Load("common.lua", "blob_piece.lua");
    public static readonly RedisScript BlobPublish = RedisScript.Load("common.lua", "blob_publish.lua");
    public static readonly RedisScript BlobKeep = RedisScript.Load("common.lua", "blob_keep.lua");
    public static readonly RedisScript LogAppend = RedisScript.Load("common.lua", "log_append.lua");
    public static readonly RedisScript Revoke = RedisScript.Load("common.lua", "revoke.lua");
    public static readonly RedisScript Queues = RedisScript.Load("common.lua", "rates.lua", "queues.lua");
    public static readonly RedisScript Purge = RedisScript.Load("common.lua", "publish_ops.lua", "purge.lua");
    public static readonly RedisScript DeadLetters = RedisScript.Load("common.lua", "dead_letters.lua");
    public static readonly RedisScript Replay = RedisScript.Load("common.lua", "replay.lua");
    public static readonly RedisScript Sweep = RedisScript.Load("common.lua", "sweep.lua");
    public static readonly RedisScript Restore = RedisScript.Load("common.lua", "results.lua", "chords.lua", "restore.lua");
    public static readonly RedisScript SetResult = RedisScript.Load("common.lua", "results.lua", "set_result.lua");
    public static readonly RedisScript Feed = RedisScript.Load("common.lua", "feed.lua");
}
