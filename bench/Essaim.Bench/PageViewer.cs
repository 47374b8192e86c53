using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Essaim.Bench;

/// <summary>An operator with the page <c>/edge</c> open: signs in, and reads the stream the page lives by. For one caller at a time.</summary>
internal sealed partial class PageViewer : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _end = new();
    private Task _reading = Task.CompletedTask;
    private long _heardAt;

    private PageViewer(Uri core) => _http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = System.Net.DecompressionMethods.All }) { BaseAddress = core, Timeout = TimeSpan.FromMinutes(5) };

    /// <summary>Of the stream so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>The longest time in which nothing was heard; the page says that it is not live after some seconds.</summary>
    public TimeSpan LongestGap { get; private set; }

    public static async Task<PageViewer> OpenAsync(Uri core, string key)
    {
        PageViewer viewer = new(core);
        string form = await viewer._http.GetStringAsync("sign-in");
        string token = Token().Match(form).Groups[1].Value;
        using HttpResponseMessage signedIn = await viewer._http.PostAsync(
            "sign-in", new FormUrlEncodedContent([KeyValuePair.Create("key", key), KeyValuePair.Create("then", "/edge"), KeyValuePair.Create("__RequestVerificationToken", token)]));
        string page = await signedIn.Content.ReadAsStringAsync();
        if (!page.Contains("id=\"devices\"", StringComparison.Ordinal))
            throw new InvalidOperationException($"The page /edge did not come: {signedIn.StatusCode}.");
        return viewer;
    }

    /// <summary>Fetches the page, as it comes first; returns milliseconds and characters.</summary>
    public async Task<(double Milliseconds, int Size)> FetchAsync()
    {
        long began = Stopwatch.GetTimestamp();
        string page = await _http.GetStringAsync("edge");
        return (Stopwatch.GetElapsedTime(began).TotalMilliseconds, page.Length);
    }

    /// <summary>Begins to read the stream.</summary>
    public void Watch() => _reading = Task.Run(async () =>
    {
        using Stream stream = await _http.GetStreamAsync("edge/live", _end.Token);
        using StreamReader reader = new(stream);
        Reset();
        try
        {
            while (await reader.ReadLineAsync(_end.Token) is { } line)
            {
                Bytes += line.Length + 1;
                TimeSpan gap = Stopwatch.GetElapsedTime(_heardAt);
                LongestGap = gap > LongestGap ? gap : LongestGap;
                _heardAt = Stopwatch.GetTimestamp();
            }
        }
        catch (OperationCanceledException)
        {
            // It has been looked at for long enough.
        }
    });

    [GeneratedRegex("__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    /// <summary>Counts anew.</summary>
    public void Reset()
    {
        _heardAt = Stopwatch.GetTimestamp();
        (Bytes, LongestGap) = (0, TimeSpan.Zero);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading;
        _end.Dispose();
        _http.Dispose();
    }
}
