namespace MusicLibrary;

/// <summary>The tracks table and what is worked out from it: albums, and vectors and covers nobody uses any more.</summary>
internal static class TrackRows
{
    public const string Complete = "complete";
    public const string Missing = "missing";
    public const string Guessed = "guessed";

    /// <summary>Writes a track; its album is brought up to date. The same track twice changes nothing.</summary>
    public static void Write(SqlSession session, AlbumTrack track)
    {
        TrackFacts facts = track.Facts;
        Before before = Find(session, facts.File.Path);
        session.Run(
            """
            INSERT OR REPLACE INTO tracks (path, content, album_key, title, artist, album, album_artist, genre, track_number, disc_number, year,
              format, codec, duration_ms, sample_rate, channels, tags, art_stream)
            VALUES (@path, @content, @album_key, @title, @artist, @album, @album_artist, @genre, @track_number, @disc_number, @year,
              @format, @codec, @duration_ms, @sample_rate, @channels, @tags, @art_stream)
            """,
            ("@path", facts.File.Path), ("@content", facts.Content), ("@album_key", track.AlbumKey), ("@title", facts.Title), ("@artist", facts.Artist),
            ("@album", facts.Album), ("@album_artist", facts.AlbumArtist), ("@genre", facts.Genre), ("@track_number", facts.TrackNumber),
            ("@disc_number", facts.DiscNumber), ("@year", facts.Year), ("@format", facts.Format), ("@codec", facts.Codec),
            ("@duration_ms", facts.DurationMs), ("@sample_rate", facts.SampleRate), ("@channels", facts.Channels),
            ("@tags", facts.Title.Length > 0 && facts.Artist.Length > 0 ? Complete : Missing), ("@art_stream", facts.ArtStream));
        Release(session, before);
        RefreshAlbum(session, track.AlbumKey);
    }

    /// <summary>Removes a track, its album where it was the last, its vector and cover where no other track has them.</summary>
    public static void Remove(SqlSession session, string path)
    {
        Before before = Find(session, path);
        session.Run("DELETE FROM tracks WHERE path = @path", ("@path", path));
        Release(session, before);
    }

    /// <summary>Works an album out anew from its tracks, so that the order in which they came leaves no trace.</summary>
    public static void RefreshAlbum(SqlSession session, string key)
    {
        session.Run("DELETE FROM albums WHERE key = @key", ("@key", key));
        session.Run(
            """
            INSERT INTO albums (key, title, artist, year, tracks, duration_ms)
            SELECT album_key, min(album), CASE
                WHEN max(album_artist) <> '' THEN max(album_artist)
                WHEN min(artist) FILTER (WHERE artist <> '') IS max(artist) FILTER (WHERE artist <> '') THEN max(artist)
                ELSE 'Various Artists' END,
              min(year), count(*), sum(duration_ms)
            FROM tracks WHERE album_key = @key GROUP BY album_key
            """,
            ("@key", key));
    }

    private static Before Find(SqlSession session, string path) => session.Query(
        "SELECT content, album_key, cover FROM tracks WHERE path = @path",
        row => new Before(row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2)),
        ("@path", path)).FirstOrDefault();

    private static void Release(SqlSession session, Before before)
    {
        if (before.Content is null)
            return;
        session.Run(
            "DELETE FROM vectors WHERE content = @content AND NOT EXISTS (SELECT 1 FROM tracks WHERE content = @content)", ("@content", before.Content));
        session.Run("DELETE FROM covers WHERE hash = @hash AND NOT EXISTS (SELECT 1 FROM tracks WHERE cover = @hash)", ("@hash", before.Cover));
        RefreshAlbum(session, before.AlbumKey);
    }

    private readonly record struct Before(string? Content, string AlbumKey, string? Cover);
}
