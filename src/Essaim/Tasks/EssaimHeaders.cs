namespace Essaim;

/// <summary>Essaim's own message headers; Celery passes over them.</summary>
internal static class EssaimHeaders
{
    /// <summary>A call's own retry policy, see <see cref="RetryPolicyJson"/>.</summary>
    public const string Retry = "essaim-retry";

    /// <summary>The unique key the task holds: text.</summary>
    public const string Unique = "essaim-unique";

    /// <summary>How long it holds it at the longest: seconds.</summary>
    public const string UniqueFor = "essaim-unique-for";

    /// <summary>When a unique key is freed if not at the task's end, see <see cref="UniqueHeader"/>.</summary>
    public const string UniqueUntil = "essaim-unique-until";

    /// <summary>What is required of the node that runs it, see <see cref="Requirements"/>.</summary>
    public const string Requires = "essaim-requires";

    /// <summary>When the message became, or becomes, ready: ms since 1970. Redis knows no age of what waits in a list.</summary>
    public const string Sent = "essaim-sent";
}
