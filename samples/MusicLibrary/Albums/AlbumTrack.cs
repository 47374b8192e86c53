namespace MusicLibrary;

/// <summary>A track with the album it belongs to.</summary>
/// <param name="Facts">The track.</param>
/// <param name="AlbumKey">The same for all tracks of an album.</param>
internal sealed record AlbumTrack(TrackFacts Facts, string AlbumKey);
