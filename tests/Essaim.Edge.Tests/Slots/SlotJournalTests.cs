using System.Text;

namespace Essaim.Edge.Tests;

public sealed class SlotJournalTests
{
    private const string Path = "journal";
    private readonly MemoryDisk _disk = new();
    private readonly Func<string> _epochs = Votes.Epochs();

    [Fact]
    public void Accept_FirstVotes_AreNumberedFromOneAndSynced()
    {
        using SlotJournal journal = Open();
        int before = _disk.Syncs;

        Assert.Equal(new VoteNumber("000000000001", 1), journal.Accept(Votes.Press())!.Number);
        Assert.Equal(new VoteNumber("000000000001", 2), journal.Accept(Votes.Press("blue"))!.Number);

        Assert.Equal(before + 2, _disk.Syncs);
        Assert.Equal(
            """
            ee1165cb {"hdr":"000000000001","last":0}
            """, Lines()[0]);
        Assert.EndsWith(
            """
            {"vote":{"e":"000000000001","s":2,"press":{"choice":"blue","at":"2026-01-01T00:00:00Z","monotonic":1,"boot":"0badf00d","isSynchronised":true,"input":"BTN_RED","round":"1"}}}
            """, Lines()[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Again_HasWhatIsUnansweredAndGoesOnCounting()
    {
        using (SlotJournal first = Open())
        {
            first.Accept(Votes.Press("red"));
            first.Accept(Votes.Press("blue"));
            first.Accept(Votes.Press("green"));
            Assert.Equal(2, first.Acknowledge("000000000001", [1, 3, 9]));
            Assert.Equal(0, first.Acknowledge("000000000001", [1]));
            Assert.Equal(0, first.Acknowledge("other", [2]));
        }

        using SlotJournal second = Open();

        Assert.Equal(["blue"], second.Open.Select(vote => vote.Press.Choice));
        Assert.Equal(new VoteNumber("000000000001", 4), second.Accept(Votes.Press())!.Number);
    }

    [Fact]
    public void Open_VoteWithoutRoundOrInput_IsThere()
    {
        using (SlotJournal first = Open())
            first.Accept(new Press("red", "", 1, "0badf00d", false));

        using SlotJournal second = Open();

        Assert.Equal([new Press("red", "", 1, "0badf00d", false)], second.Open.Select(vote => vote.Press));
        Assert.Null(second.DamagedCopy);
    }

    [Fact]
    public void Open_CutAtEveryByte_HasEveryVoteWhoseLineIsWholeAndUsesNoNumberTwice()
    {
        List<(int Length, int Open, long Last)> states = [];
        using (SlotJournal journal = Open())
        {
            states.Add((_disk.Bytes(Path).Length, 0, 0));
            for (int i = 1; i <= 12; i++)
            {
                journal.Accept(Votes.Press($"c{i}"));
                states.Add((_disk.Bytes(Path).Length, journal.Open.Count, journal.Last));
                if (i % 3 != 0)
                    continue;
                journal.Acknowledge(journal.Epoch, [i - 1]);
                states.Add((_disk.Bytes(Path).Length, journal.Open.Count, journal.Last));
            }
        }

        byte[] whole = _disk.Bytes(Path);
        for (int cut = 0; cut <= whole.Length; cut++)
        {
            MemoryDisk disk = new();
            disk.Set(Path, whole.AsSpan(0, cut));
            using SlotJournal journal = SlotJournal.OpenOrCreate(Path, disk, () => "ffffffffffff");
            if (cut < states[0].Length)
            {
                Assert.Equal(("ffffffffffff", 0L, 0), (journal.Epoch, journal.Last, journal.Open.Count));
                continue;
            }

            (int length, int open, long last) = states.Last(state => state.Length <= cut);
            Assert.Equal(("000000000001", last, open, null), (journal.Epoch, journal.Last, journal.Open.Count, journal.DamagedCopy));
            Assert.Equal(length, disk.Bytes(Path).Length);
            StoredVote vote = journal.Accept(Votes.Press("after"))!;
            Assert.Equal(last + 1, vote.Sequence);
            using SlotJournal again = SlotJournal.OpenOrCreate(Path, disk, () => "ffffffffffff");
            Assert.Equal((last + 1, open + 1, "after"), (again.Last, again.Open.Count, again.Open[^1].Press.Choice));
        }
    }

    [Fact]
    public void Open_ByteChangedAnywhere_KeepsACopyAndBeginsANewEpoch()
    {
        using (SlotJournal journal = Open())
        {
            for (int i = 0; i < 4; i++)
                journal.Accept(Votes.Press($"c{i}"));
        }

        byte[] whole = _disk.Bytes(Path);
        int[] ends = [.. whole.Index().Where(entry => entry.Item == '\n').Select(entry => entry.Index)];
        for (int at = 0; at < whole.Length - 1; at++)
        {
            byte[] changed = [.. whole];
            changed[at] ^= 0x04;
            MemoryDisk disk = new();
            disk.Set(Path, changed);
            using SlotJournal journal = SlotJournal.OpenOrCreate(Path, disk, () => "ffffffffffff");

            Assert.Equal(("ffffffffffff", 0L, "journal.damaged-1"), (journal.Epoch, journal.Last, journal.DamagedCopy));
            Assert.Equal(changed, disk.Bytes("journal.damaged-1"));
            Assert.Equal(Math.Max(0, ends.Count(end => end < at) - 1), journal.Open.Count);
        }
    }

    [Fact]
    public void Accept_DiskFull_IsRefusedAndTheNextIsWhole()
    {
        using SlotJournal journal = Open();
        journal.Accept(Votes.Press("red"));
        _disk.FailAfter = 20;

        EdgeException full = Assert.Throws<EdgeException>(() => journal.Accept(Votes.Press("blue")));
        _disk.FailAfter = null;
        StoredVote next = journal.Accept(Votes.Press("green"))!;

        Assert.Equal(
            ("ESS6120", "The journal of votes 'journal' cannot be read or written: No space left on device. Votes are refused until it can; check the disk, its space and who owns the file."),
            (full.Code, full.Message));
        Assert.Equal(3, next.Sequence);
        using SlotJournal again = Open();
        Assert.Equal(["red", "green"], again.Open.Select(vote => vote.Press.Choice));
        Assert.Null(again.DamagedCopy);
    }

    [Fact]
    public void Accept_TenThousandUnanswered_RefusesTheNext()
    {
        using SlotJournal journal = Open();
        for (int i = 0; i < SlotJournal.MostOpen; i++)
            Assert.NotNull(journal.Accept(Votes.Press()));

        Assert.Null(journal.Accept(Votes.Press()));
        journal.Acknowledge(journal.Epoch, [1]);
        Assert.Equal(SlotJournal.MostOpen + 1, journal.Accept(Votes.Press())!.Sequence);
    }

    [Fact]
    public void Acknowledge_FileLarge_IsRewrittenWithWhatIsOpen()
    {
        using SlotJournal journal = Open();
        StoredVote stays = journal.Accept(Votes.Press("stays"))!;
        long largest = 0;
        for (int i = 0; i < 12_000; i++)
        {
            journal.Acknowledge(journal.Epoch, [journal.Accept(Votes.Press())!.Sequence]);
            largest = Math.Max(largest, _disk.Bytes(Path).Length);
        }

        Assert.InRange(largest, 1024 * 1024 - 1000, 1024 * 1024 + 1000);
        using SlotJournal again = Open();
        Assert.Equal((12_001, "stays", stays.Number), (again.Last, again.Open.Single().Press.Choice, again.Open.Single().Number));
        Assert.Equal("000000000001", again.Epoch);
    }

    [Fact]
    public void Renumber_Conflict_MovesTheVoteToANewEpochInOneStep()
    {
        using SlotJournal journal = Open();
        VoteNumber old = journal.Accept(Votes.Press("red"))!.Number;
        VoteNumber other = journal.Accept(Votes.Press("blue"))!.Number;

        StoredVote moved = journal.Renumber(old)!;

        Assert.Equal((new VoteNumber("000000000002", 1), old, "red"), (moved.Number, moved.Instead, moved.Press.Choice));
        Assert.Null(journal.Renumber(old));
        Assert.Equal(new VoteNumber("000000000002", 2), journal.Renumber(other)!.Number);
        using SlotJournal again = Open();
        Assert.Equal(["red", "blue"], again.Open.Select(vote => vote.Press.Choice));
        Assert.Equal(("000000000002", 2), (again.Epoch, again.Last));
        Assert.Equal(1, again.Acknowledge("000000000002", [1]));
    }

    [Fact]
    public void GuardAgainstRollback_CoreKnowsMore_BeginsANewEpoch()
    {
        using SlotJournal journal = Open();
        VoteNumber old = journal.Accept(Votes.Press())!.Number;

        Assert.False(journal.GuardAgainstRollback("000000000001", 1));
        Assert.False(journal.GuardAgainstRollback("other", 7));
        Assert.True(journal.GuardAgainstRollback("000000000001", 2));

        Assert.Equal(new VoteNumber("000000000002", 1), journal.Accept(Votes.Press())!.Number);
        using SlotJournal again = Open();
        Assert.Equal([old, new VoteNumber("000000000002", 1)], again.Open.Select(vote => vote.Number));
    }

    [Fact]
    public void FileDisk_RealFile_SurvivesReopening()
    {
        string folder = Directory.CreateTempSubdirectory("essaim-journal-").FullName;
        try
        {
            string path = System.IO.Path.Combine(folder, "votes.journal");
            using (SlotJournal journal = SlotJournal.OpenOrCreate(path, new FileJournalDisk(), _epochs))
            {
                journal.Accept(Votes.Press("red"));
                journal.Accept(Votes.Press("blue"));
                journal.Acknowledge(journal.Epoch, [1]);
            }

            File.AppendAllText(path, "0badf00d {\"vote\"");
            using (SlotJournal journal = SlotJournal.OpenOrCreate(path, new FileJournalDisk(), _epochs))
                Assert.Equal(["blue"], journal.Open.Select(vote => vote.Press.Choice));
            byte[] bytes = File.ReadAllBytes(path);
            bytes[60] ^= 1;
            File.WriteAllBytes(path, bytes);
            using SlotJournal damaged = SlotJournal.OpenOrCreate(path, new FileJournalDisk(), _epochs);
            Assert.Equal((path + ".damaged-1", "000000000002"), (damaged.DamagedCopy, damaged.Epoch));
            Assert.Equal(bytes, File.ReadAllBytes(path + ".damaged-1"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void FileDisk_FolderMissing_SaysSo()
    {
        EdgeException error = Assert.Throws<EdgeException>(() => SlotJournal.OpenOrCreate("/nowhere/votes.journal", new FileJournalDisk(), _epochs));

        Assert.StartsWith("The journal of votes '/nowhere/votes.journal' cannot be read or written: Could not find a part of the path", error.Message, StringComparison.Ordinal);
    }

    private SlotJournal Open() => SlotJournal.OpenOrCreate(Path, _disk, _epochs);

    private string[] Lines() => Encoding.UTF8.GetString(_disk.Bytes(Path)).TrimEnd('\n').Split('\n');
}
