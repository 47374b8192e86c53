namespace MusicLibrary;

/// <summary>What a file says of itself. Texts are never null: empty where a tag is missing.</summary>
internal sealed record TrackFacts
{
    public required FileRef File { get; init; }

    /// <summary>Names the audio itself: two copies of a file have one.</summary>
    public required string Content { get; init; }

    public string Title { get; init; } = "";

    public string Artist { get; init; } = "";

    public string Album { get; init; } = "";

    public string AlbumArtist { get; init; } = "";

    public string Genre { get; init; } = "";

    public int? TrackNumber { get; init; }

    public int? DiscNumber { get; init; }

    public int? Year { get; init; }

    public required string Format { get; init; }

    public required string Codec { get; init; }

    public required long DurationMs { get; init; }

    public int SampleRate { get; init; }

    public int Channels { get; init; }

    /// <summary>Stream that holds the front cover; null where there is none.</summary>
    public int? ArtStream { get; init; }
}
