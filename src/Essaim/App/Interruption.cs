using System.Runtime.InteropServices;

namespace Essaim;

/// <summary>Ctrl-C and SIGTERM: the first asks to stop, the second to stop at once, the third ends the process.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _first;
    private readonly CancellationTokenSource _second = new();
    private readonly PosixSignalRegistration[] _signals;
    private int _count;

    public Interruption(CancellationToken cancellationToken)
    {
        _first = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        First = _first.Token;
        Second = _second.Token;
        _signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];
    }

    public CancellationToken First { get; }

    public CancellationToken Second { get; }

    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
        _first.Dispose();
        _second.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        int count = Interlocked.Increment(ref _count);
        context.Cancel = count < 3;
        if (count == 1)
            _first.Cancel();
        else if (count == 2)
            _second.Cancel();
    }
}
