using System.Collections.Immutable;

namespace Essaim;

/// <summary>Chords whose headers still run. Its users hold the backend's gate.</summary>
internal sealed class InMemoryChords
{
    // Immutable, so that a count that throws half-way leaves nothing counted.
    private ImmutableDictionary<string, Chord> _chords = ImmutableDictionary.Create<string, Chord>(StringComparer.Ordinal);

    public void Start(ChordStart start)
    {
        if (!_chords.ContainsKey(start.GroupId))
            _chords = _chords.Add(start.GroupId, new Chord(start.Size, ImmutableDictionary.Create<string, ChordPartResult>(StringComparer.Ordinal)));
    }

    /// <summary>Counts parts, each once. Returns what to release where they were the last.</summary>
    public IReadOnlyList<ChordReleaseResult> Count(IReadOnlyList<ChordPart> parts, DateTimeOffset now)
    {
        ImmutableDictionary<string, Chord> chords = _chords;
        List<ChordReleaseResult> releases = [];
        Queue<ChordPart> left = new(parts);
        while (left.TryDequeue(out ChordPart? part))
        {
            // Unknown: already released, so this is an echo.
            if (!chords.TryGetValue(part.GroupId, out Chord? chord) || chord.Parts.ContainsKey(part.TaskId))
                continue;
            chord = chord with { Parts = chord.Parts.Add(part.TaskId, new ChordPartResult(part.Index, part.TaskId, part.State, part.Result)) };
            chords = chord.IsComplete ? chords.Remove(part.GroupId) : chords.SetItem(part.GroupId, chord);
            if (!chord.IsComplete)
                continue;
            ChordReleaseResult release = ChordRelease.Compose(chord.GetOrdered(), part.Body, now);
            releases.Add(release);
            foreach (ChordPart outer in release.OuterParts)
                left.Enqueue(outer);
        }

        _chords = chords;
        return releases;
    }

    private sealed record Chord(int Size, ImmutableDictionary<string, ChordPartResult> Parts)
    {
        public bool IsComplete => Parts.Count >= Size;

        public IReadOnlyList<ChordPartResult> GetOrdered() =>
            [.. Parts.Values.OrderBy(part => part.Index ?? int.MaxValue).ThenBy(part => part.TaskId, StringComparer.Ordinal)];
    }
}
