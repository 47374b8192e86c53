using System.Diagnostics;
using System.IO.Pipes;

namespace Essaim;

/// <summary>A started child process and the worker's ends of its pipes.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const int BetweenLooksMicroseconds = 10_000;

    // A child inherits every inheritable descriptor that is open when it starts: one start at a time, or it would hold its sibling's channel.
    private static readonly Lock StartGate = new();
    private readonly Process _process;
    private readonly AnonymousPipeServerStream _toChild;
    private readonly AnonymousPipeServerStream _fromChild;
    private long _terminatedAt;
    private TimeSpan _grace;
    private bool _ended;

    private ChildProcess(Process process, AnonymousPipeServerStream toChild, AnonymousPipeServerStream fromChild)
    {
        _process = process;
        _toChild = toChild;
        _fromChild = fromChild;
        Id = process.Id;
    }

    public int Id { get; }

    public Stream Input => _toChild;

    public Stream Output => _fromChild;

    public int OutputDescriptor => _fromChild.SafePipeHandle.DangerousGetHandle().ToInt32();

    public Stream StandardOutput => _process.StandardOutput.BaseStream;

    public Stream StandardError => _process.StandardError.BaseStream;

    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static ChildProcess Start(ChildLaunch launch)
    {
        lock (StartGate)
        {
            AnonymousPipeServerStream toChild = new(PipeDirection.Out, HandleInheritability.Inheritable);
            AnonymousPipeServerStream fromChild = new(PipeDirection.In, HandleInheritability.Inheritable);
            ProcessStartInfo start = new(launch.File, launch.Arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            foreach ((string name, string? value) in launch.Environment)
                start.Environment[name] = value;
            // Else the runtime makes pipes and a socket in /tmp for debuggers: with the worker on an SD card, each child would write to it.
            start.Environment.TryAdd("DOTNET_EnableDiagnostics", "0");
            start.Environment[ChildChannel.Variable] = $"{toChild.GetClientHandleAsString()},{fromChild.GetClientHandleAsString()}";
            try
            {
                Process process = Process.Start(start)!;
                process.StandardInput.Close();
                return new ChildProcess(process, toChild, fromChild);
            }
            catch
            {
                toChild.Dispose();
                fromChild.Dispose();
                throw;
            }
            finally
            {
                toChild.DisposeLocalCopyOfClientHandle();
                fromChild.DisposeLocalCopyOfClientHandle();
            }
        }
    }

    /// <summary>Kills the child and its process group.</summary>
    public void Kill()
    {
        lock (_process)
        {
            // Once it has been waited for, its number may be another's.
            if (!_ended)
                Posix.KillGroup(Id);
        }
    }

    /// <summary>Asks the child's process group to end. What has not done so when the child is gone is killed after the grace.</summary>
    public void Terminate(TimeSpan grace)
    {
        lock (_process)
        {
            if (_ended || _terminatedAt != 0)
                return;
            (_terminatedAt, _grace) = (Stopwatch.GetTimestamp(), grace);
            Posix.TerminateGroup(Id);
        }
    }

    /// <summary>Waits for the end of a child whose channel has ended, and of all it has started. Returns its exit code; above 128 it is a signal's number.</summary>
    public int WaitForEnd(TimeSpan atMost)
    {
        if (!_process.WaitForExit(atMost))
        {
            Posix.KillGroup(Id);
            _process.WaitForExit();
        }

        EndRest();
        lock (_process)
            _ended = true;
        return _process.ExitCode;
    }

    private void EndRest()
    {
        // Who was asked to end has its grace; after a child that died by itself nothing has.
        while (IsInGrace() && Posix.GroupExists(Id))
            Posix.Nap(BetweenLooksMicroseconds);
        Posix.KillRest(Id);
    }

    private bool IsInGrace()
    {
        lock (_process)
            return _terminatedAt != 0 && Stopwatch.GetElapsedTime(_terminatedAt) < _grace;
    }

    public void Dispose()
    {
        _toChild.Dispose();
        _fromChild.Dispose();
        _process.Dispose();
    }
}
