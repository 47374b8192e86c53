namespace Essaim;

/// <summary>The slots themselves: how many there are, and when what runs in them is ended.</summary>
internal sealed partial class Scheduler
{
    private const int SigKill = 9;
    private static readonly TimeSpan LeaseLostGrace = TimeSpan.FromSeconds(5);

    /// <summary>Adds a slot; its executor is opened by <see cref="OpenExecutor"/>.</summary>
    public void AddSlot()
    {
        Slot slot = new(this, _reporter, _time);
        lock (_gate)
        {
            if (_stopping)
            {
                slot.Dispose();
                return;
            }

            _slots.Add(slot);
        }

        OpenExecutor(slot);
    }

    /// <summary>Ends one slot that has nothing to do. False where all are busy.</summary>
    public bool TryRemoveIdleSlot()
    {
        lock (_gate)
        {
            Slot? idle = _slots.FindLast(slot => slot.State == SlotState.Open && slot.Wanted && slot.HandedOver.Count == 0 && !IsShared(slot));
            if (idle is null)
                return false;
            Dismiss(idle);
            Close(idle);
            return true;
        }
    }

    /// <summary>Ends one slot: an idle one at once, else the last one when what runs in it has ended. Which is left, takes nothing more.</summary>
    public void RetireSlot()
    {
        if (TryRemoveIdleSlot())
            return;
        lock (_gate)
        {
            if (_slots.FindLast(slot => slot.Counts) is not { } last)
                return;
            Dismiss(last);
            if (last.HandedOver.Count > 1 && !last.Recalling)
            {
                last.Recalling = true;
                last.Executor!.Recall();
            }
        }
    }

    /// <summary>Tasks handed to each executor.</summary>
    public IReadOnlyList<int> GetTaken()
    {
        lock (_gate)
            return [.. _slots.Where(slot => slot.Executor is not null).Select(slot => slot.Taken)];
    }

    /// <summary>A slot's executor takes tasks from now on.</summary>
    public void Opened(Slot slot, IExecutor executor)
    {
        lock (_gate)
        {
            // It ended as soon as it was there: its loss is being told, and another is opened then.
            if (executor.IsLost)
                return;
            slot.Executor = executor;
            slot.State = SlotState.Open;
            slot.OpenedAt = _time.GetTimestamp();
            TakeOver(slot);
            if (_stopping || !slot.Wanted)
                Close(slot);
            else
                Dispatch();
        }

        _demand.Signal();
    }

    /// <summary>Warm stop: nothing new begins, what has not begun goes back to the broker, what runs may end.</summary>
    public void BeginStop()
    {
        lock (_gate)
        {
            _stopping = true;
            foreach (Slot slot in _slots)
            {
                slot.Wanted = false;
                slot.Executor?.AnnounceStop();
                if (slot.HandedOver.Count > 1 && !slot.Recalling)
                {
                    slot.Recalling = true;
                    slot.Executor!.Recall();
                }
            }

            ReleaseWaiting(TimeSpan.Zero);
        }
    }

    /// <summary>Cold stop: what runs is ended and goes back to the broker.</summary>
    public void StopNow()
    {
        BeginStop();
        lock (_gate)
        {
            _stopped = true;
            foreach (Slot slot in _slots.SelectMany(PlacesOf).Where(slot => slot.HandedOver.Count > 0).ToArray())
                End(slot, slot.HandedOver[0], Verdict.Stopped, TimeSpan.Zero);
        }
    }

    /// <summary>Ends the executors, which are idle now, and waits for them.</summary>
    public async Task CloseAsync()
    {
        List<IExecutor> executors;
        lock (_gate)
        {
            _stopping = true;
            executors = [.. _slots.Where(slot => slot.Executor is not null).Select(slot => slot.Executor!)];
        }

        await Task.WhenAll(executors.Select(executor => executor.DisposeAsync().AsTask()));
    }

    /// <summary>A lease was lost: the task is another worker's now.</summary>
    public void LoseLease(ReservedTask task)
    {
        lock (_gate)
        {
            task.Verdict = Verdict.LeaseLost;
            if (_waiting.Remove(task) || _limited.Remove(task) || task.Ended)
                _settler.Drop(task);
            else if (FindRunning(task) is { } slot)
                End(slot, task, Verdict.LeaseLost, LeaseLostGrace);
        }
    }

    /// <summary>Revokes a task in hand; one that runs goes on unless it is terminated, with a signal.</summary>
    public void Revoke(ReservedTask task, int? signal)
    {
        lock (_gate)
        {
            if (_waiting.Remove(task) || _limited.Remove(task))
            {
                _settler.End(task, Outcomes.Revoked("revoked"));
                return;
            }

            if (FindRunning(task) is { } running)
            {
                if (signal is { } number && task.Verdict == Verdict.None)
                {
                    task.Signal = number;
                    End(running, task, Verdict.Terminated, running.Executor!.AskGrace);
                }

                return;
            }

            task.Revoked = true;
            if (_slots.Find(slot => slot.HandedOver.Contains(task)) is { Recalling: false } holder)
            {
                holder.Recalling = true;
                holder.Executor!.Recall();
            }
        }
    }

    /// <summary>Timer of a slot: has its task reached a limit?</summary>
    public void CheckLimits(Slot slot)
    {
        lock (_gate)
        {
            if (slot.Running is not { } task || slot.Executor is null)
                return;
            if (task.Verdict != Verdict.None)
            {
                // It was asked long enough.
                Kill(slot, CauseOf(task)!, now: IsOutright(task));
                return;
            }

            TimeSpan running = _time.GetElapsedTime(task.StartedAt);
            if (task.Request.HardTimeLimit is { } hard && running >= hard)
            {
                End(slot, task, Verdict.HardTimeLimit, slot.Executor.AskGrace);
                return;
            }

            if (task.Request.SoftTimeLimit is { } soft && running >= soft && !task.SoftLimitTold)
            {
                task.SoftLimitTold = true;
                slot.Executor.Cancel(task.Request, CancelReason.SoftTimeLimit);
            }

            ArmLimits(slot, task);
        }
    }

    private Slot? FindRunning(ReservedTask task) => _slots.SelectMany(PlacesOf).FirstOrDefault(slot => slot.HandedOver.Count > 0 && slot.HandedOver[0] == task);

    private void ArmLimits(Slot slot, ReservedTask task)
    {
        if (task.Verdict != Verdict.None)
        {
            End(slot, task, task.Verdict, LeaseLostGrace);
            return;
        }

        TimeSpan running = _time.GetElapsedTime(task.StartedAt);
        TimeSpan? next = task.Request.SoftTimeLimit is { } soft && !task.SoftLimitTold ? soft : null;
        if (task.Request.HardTimeLimit is { } hard && (next is null || hard < next))
            next = hard;
        slot.CheckLimitsIn(next is { } limit ? limit - running : Timeout.InfiniteTimeSpan);
    }

    private static void End(Slot slot, ReservedTask task, Verdict verdict, TimeSpan grace)
    {
        task.Verdict = verdict;
        slot.Executor!.Cancel(task.Request, verdict switch
        {
            Verdict.HardTimeLimit => CancelReason.SoftTimeLimit,
            Verdict.Terminated => CancelReason.Revoked,
            _ => CancelReason.LeaseLost,
        });
        if (grace == TimeSpan.Zero)
            Kill(slot, CauseOf(task)!, now: IsOutright(task));
        else
            slot.CheckLimitsIn(grace);
    }

    private static void Kill(Slot slot, EndCause cause, bool now)
    {
        // Whatever else runs in the child ends with it, through no fault of its own.
        foreach (Slot place in PlacesOf(slot.Primary ?? slot))
            place.Killed = true;
        slot.Executor!.Kill(cause, now);
    }

    // On a cold stop nobody wants to wait, and who asks for SIGKILL is to have it.
    private static bool IsOutright(ReservedTask task) => task.Verdict == Verdict.Stopped || task is { Verdict: Verdict.Terminated, Signal: SigKill };

    /// <summary>Why the worker ends a task's executor; null where it does not.</summary>
    private static EndCause? CauseOf(ReservedTask task) => task.Verdict switch
    {
        Verdict.HardTimeLimit => EndCause.Time(task.Request.HardTimeLimit ?? TimeSpan.Zero),
        Verdict.Terminated => EndCause.Revoked,
        Verdict.LeaseLost => EndCause.LeaseLost,
        Verdict.Stopped => EndCause.Operator,
        _ => null,
    };

    /// <summary>A task's own outcome arrived; what the worker has decided about it goes before.</summary>
    private void Finish(ReservedTask task, TaskOutcome outcome)
    {
        switch (task.Verdict)
        {
            case Verdict.LeaseLost:
                _settler.Drop(task);
                break;
            case Verdict.HardTimeLimit when outcome.Kind != OutcomeKind.Success:
                _settler.End(task, Outcomes.TimeLimitExceeded(task));
                break;
            case Verdict.Terminated when outcome.Kind != OutcomeKind.Success:
                _settler.End(task, Outcomes.Revoked("terminated", task.Signal, EndCause.Revoked));
                break;
            case Verdict.Stopped when outcome.Kind != OutcomeKind.Success:
                _settler.Release(task);
                break;
            default:
                _settler.End(task, outcome);
                break;
        }
    }

    /// <summary>A task's executor is gone with it.</summary>
    private void Judge(ReservedTask task, EndCause cause)
    {
        switch (task.Verdict)
        {
            case Verdict.LeaseLost:
                _settler.Drop(task);
                break;
            case Verdict.HardTimeLimit:
                _settler.End(task, Outcomes.TimeLimitExceeded(task));
                break;
            case Verdict.Terminated:
                _settler.End(task, Outcomes.Revoked("terminated", task.Signal, EndCause.Revoked));
                break;
            case Verdict.Stopped:
                _settler.Release(task);
                break;
            default:
                if (_stopped)
                    _settler.Release(task);
                else
                    _settler.Lose(task, cause);
                break;
        }
    }
}
