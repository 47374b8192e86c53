using System.CommandLine;
using System.Globalization;
using Essaim;

namespace MusicLibrary;

/// <summary><c>similar TRACK</c>: what sounds like a track.</summary>
internal sealed class SimilarCommand : AppCommand
{
    private readonly Argument<string> _track = new("TRACK") { Description = "A track's path, or a part of its title or path that only it has" };
    private readonly Option<int> _count = new("--count") { HelpName = "N", Description = "How many [default: 10]", DefaultValueFactory = _ => 10 };
    private readonly Places _places = new();

    public SimilarCommand()
        : base("similar", "Lists the tracks that sound most like one.", usesBroker: false)
    {
        Examples = ["similar \"Étude 12\"", "similar ~/Music/song.mp3 --count 5"];
        Add(_track);
        Add(_count);
        Add(_places.Library);
        Add(_places.Data);
    }

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string file = _places.LibraryFile(context);
        if (!File.Exists(file))
            throw new LibraryException($"There is no library '{file}'. Scan a folder first, or name the library with --library.");
        using LibraryDatabase library = LibraryDatabase.Open(file);
        List<string> named = library.Read(session => TrackSearch.Find(session, context.GetValue(_track)!));
        if (named.Count != 1)
        {
            context.Output.Say(named.Count == 0 ? "No track of the library has this name." : "Several tracks have this name:");
            named.ForEach(path => context.Output.Say($"  {Printable.Of(path)}"));
            return Task.FromResult(ExitCodes.NotFound);
        }

        List<SimilarTrack> near = library.Read(session => VectorRows.Nearest(session, named[0], context.GetValue(_count)));
        if (context.Output.IsJson)
        {
            context.Output.Json(near);
        }
        else
        {
            context.Output.Table(
                ["similarity", "artist", "title", "path"],
                [
                    .. near.Select(track => (IReadOnlyList<string>)[
                        track.Similarity.ToString("0.0000", CultureInfo.InvariantCulture),
                        Printable.Of(track.Artist), Printable.Of(track.Title), Printable.Of(track.Path)]),
                ]);
        }

        return Task.FromResult(ExitCodes.Ok);
    }
}
