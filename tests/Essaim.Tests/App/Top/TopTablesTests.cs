namespace Essaim.Tests.App;

public sealed class TopTablesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private static readonly TopSnapshot Snapshot = new(
        Noon,
        [
            new TopWorker { Name = "celery@attic", Online = true, HeardAt = Noon, Busy = 3, Processed = 41, PerSecond = 2.5 },
            new TopWorker
            {
                Name = "essaim@raspberrypi", Online = true, HeardAt = Noon, Slots = 2, MinSlots = 1, MaxSlots = 4, Busy = 1, Waiting = 3, Children = 2, Memory = 90 << 20,
                Cpu = 0.256, Temperature = 61.8, Throttled = ["hot"], Processed = 1234567, PerSecond = 120, Labels = ["site=attic", "gpu"],
            },
            new TopWorker { Name = "gone@h", Online = false, HeardAt = Noon },
        ],
        [
            new QueueStatus("mail", 812, 3, 2, 1, Noon.AddSeconds(-4.1)),
            new QueueStatus("scan", 0, 0, 0, 0, null) { Paused = new QueuePause("The disk\nis changed", "ada", Noon) },
        ],
        [
            new TopScaling(Noon, "essaim@raspberrypi", 1, 3, "812 waiting, oldest 4.1 s", Refused: false),
            new TopScaling(Noon.AddSeconds(-2), "essaim@raspberrypi", 1, 3, "memory is short", Refused: true),
        ],
        122.5);

    [Fact]
    public void Whole_WideTerminal_EveryColumn() => Assert.Equal(
        """
        2 workers, 2 slots (4 busy), 812 waiting, 122.5 tasks/s
        WORKER              STATE    SLOTS    BUSY  WAIT  CHILDREN  CPU  MEMORY  TEMP    TASKS/S  DONE     LABELS
        celery@attic        online   -        3     -     -         -    -       -       2.5      41
        essaim@raspberrypi  online   2 (1-4)  1     3     2         26%  90 MiB  62 °C!  120.0    1234567  site=attic gpu
        gone@h              offline  -        -     -     -         -    -       -       -        -
        QUEUE  READY  OLDEST  DELAYED  IN FLIGHT  DEAD  PAUSED
        mail   812    4.1 s   3        2          1     -
        scan   0      -       0        0          0     by ada: The disk\nis changed
        12:00:00Z  essaim@raspberrypi  slots 1 -> 3: 812 waiting, oldest 4.1 s
        11:59:58Z  essaim@raspberrypi  slots 1 -> 3 refused: memory is short
        """,
        Draw(120));

    [Fact]
    public void Workers_ConfigurationOfAnother_IsMarked()
    {
        TopWorker one = new() { Name = "a@h", Online = true, HeardAt = Noon, ConfigVersion = "2.000000", ConfigSource = "published" };
        TopSnapshot snapshot = Snapshot with
        {
            Workers = [one, one with { Name = "b@h", ConfigSource = "conflict" }, one with { Name = "c@h", ConfigVersion = "1.000000", ConfigSource = null }, new TopWorker { Name = "celery@h", Online = true, HeardAt = Noon }],
        };

        Assert.Equal(["online", "online, config conflict", "online, config differs", "online"], TopTables.Workers(snapshot).Select(row => row[1]));
    }

    [Fact]
    public void Whole_EightyColumns_TheLeastWantedAreLeftOut() => Assert.Equal(
        """
        2 workers, 2 slots (4 busy), 812 waiting, 122.5 tasks/s
        WORKER              STATE    SLOTS    BUSY  WAIT  CPU  MEMORY  TEMP    TASKS/S
        celery@attic        online   -        3     -     -    -       -       2.5
        essaim@raspberrypi  online   2 (1-4)  1     3     26%  90 MiB  62 °C!  120.0
        gone@h              offline  -        -     -     -    -       -       -
        QUEUE  READY  OLDEST  DELAYED  IN FLIGHT  DEAD  PAUSED
        mail   812    4.1 s   3        2          1     -
        scan   0      -       0        0          0     by ada: The disk\nis changed
        12:00:00Z  essaim@raspberrypi  slots 1 -> 3: 812 waiting, oldest 4.1 s
        11:59:58Z  essaim@raspberrypi  slots 1 -> 3 refused: memory is short
        """,
        Draw(80));

    [Fact]
    public void Fit_StillTooNarrow_TheNameIsCut()
    {
        (IReadOnlyList<string> headers, IReadOnlyList<IReadOnlyList<string>> rows) = TopTables.Fit(TopTables.WorkerHeaders, TopTables.Workers(Snapshot), 50);

        Assert.Equal(["WORKER", "SLOTS", "BUSY", "CPU", "MEMORY", "TASKS/S"], headers);
        Assert.Equal(["essaim@raspb…", "2 (1-4)", "1", "26%", "90 MiB", "120.0"], rows[1]);
    }

    private static string Draw(int width)
    {
        using StringWriter text = new() { NewLine = "\n" };
        text.WriteLine(TopTables.Sum(Snapshot));
        foreach ((IReadOnlyList<string> headers, IReadOnlyList<IReadOnlyList<string>> rows) in (ReadOnlySpan<(IReadOnlyList<string>, IReadOnlyList<IReadOnlyList<string>>)>)
            [TopTables.Fit(TopTables.WorkerHeaders, TopTables.Workers(Snapshot), width), TopTables.Fit(TopTables.QueueHeaders, TopTables.Queues(Snapshot), width)])
            PlainTable.Write(text, headers, rows);
        foreach (string line in TopTables.Scalings(Snapshot))
            text.WriteLine(line);
        return text.ToString().TrimEnd('\n');
    }
}
