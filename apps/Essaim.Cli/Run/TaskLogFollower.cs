using System.Text;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary>Shows the kept log of a task as it grows; where the broker is away for a while it goes on just there.</summary>
internal sealed class TaskLogFollower(ITaskLogStore logs, string taskId, Action<RunOutput> show)
{
    private const int PiecesAtOnce = 64;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    /// <param name="from">Where to begin.</param>
    /// <param name="ended">The task has ended: what is there is shown, nothing more is waited for.</param>
    /// <param name="cancellationToken">Stops at once.</param>
    /// <returns>Where the log ends.</returns>
    public async Task<long> RunAsync(long from, CancellationToken ended, CancellationToken cancellationToken)
    {
        using CancellationTokenSource waiting = CancellationTokenSource.CreateLinkedTokenSource(ended, cancellationToken);
        while (true)
        {
            bool last = ended.IsCancellationRequested;
            IReadOnlyList<TaskLogPiece> pieces;
            try
            {
                pieces = await logs.ReadAsync(taskId, from, PiecesAtOnce, last ? TimeSpan.Zero : LongestWait, last ? cancellationToken : waiting.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                continue;
            }
            catch (EssaimException away) when (away.MayPass && !last)
            {
                await Task.Delay(BetweenTries, TimeProvider.System, cancellationToken);
                continue;
            }

            foreach (TaskLogPiece piece in pieces)
            {
                if (piece.Offset > from)
                    show(new RunGap(piece.Offset - from));
                from = piece.End;
                show(piece.Source == TaskLogSource.Note
                    ? new RunNote(PlainText.Of(Encoding.UTF8.GetString(piece.Bytes.Span)).TrimEnd('\n'))
                    : new RunText(piece.Source == TaskLogSource.Error, piece.Bytes, TimeSpan.Zero, from));
            }

            if (last && pieces.Count == 0)
                return from;
        }
    }
}

/// <summary>A line about a run, as its log has it.</summary>
internal sealed record RunNote(string Text) : RunOutput;
