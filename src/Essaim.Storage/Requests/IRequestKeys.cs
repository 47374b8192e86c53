namespace Essaim.Storage;

/// <summary>
/// Idempotency keys: the first request with a key reserves it, with the ids its tasks will have, before anything is published.
/// So whoever finds a reservation without a response (the core died in between) can tell by the ids whether it was published.
/// </summary>
internal interface IRequestKeys
{
    /// <summary>Reserves the key, or returns who holds it. Survives the loss of power once it returns.</summary>
    ValueTask<RequestRecord> ReserveAsync(RequestReservation reservation, CancellationToken cancellationToken);

    /// <summary>Keeps the response for those who ask again.</summary>
    ValueTask CompleteAsync(string tenant, string key, RequestResponse response, CancellationToken cancellationToken);

    /// <summary>Forgets a reservation whose request turned out to change nothing.</summary>
    ValueTask ReleaseAsync(string tenant, string key, CancellationToken cancellationToken);

    /// <summary>Removes keys that expired before <paramref name="now"/>. Returns how many.</summary>
    ValueTask<int> PruneAsync(DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>A request that wants its key.</summary>
/// <param name="Tenant">Whose key.</param>
/// <param name="Key">The client's key.</param>
/// <param name="RequestHash">Hash of route and body, hex.</param>
/// <param name="TaskIds">Ids its tasks will have.</param>
/// <param name="Now">The time.</param>
/// <param name="ExpiresAt">When the key may be used anew.</param>
internal sealed record RequestReservation(
    string Tenant, string Key, string RequestHash, IReadOnlyList<string> TaskIds, DateTimeOffset Now, DateTimeOffset ExpiresAt);

/// <summary>What is kept under a key.</summary>
/// <param name="IsNew">True where this call reserved it.</param>
/// <param name="RequestHash">Hash of the request that holds it.</param>
/// <param name="TaskIds">Ids chosen by the request that holds it.</param>
/// <param name="Response">Its response, or null where it has not ended (or never did).</param>
internal sealed record RequestRecord(bool IsNew, string RequestHash, IReadOnlyList<string> TaskIds, RequestResponse? Response);

/// <summary>A response as it was sent.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Location">Its <c>Location</c> header, if any.</param>
/// <param name="Body">Its JSON text, UTF-8.</param>
internal sealed record RequestResponse(int Status, string? Location, byte[] Body);
