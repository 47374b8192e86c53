namespace Essaim.Sqlite;

/// <summary>Something to write. It runs inside a transaction with others and may run again where another of them fails.</summary>
internal abstract class WriteOperation(bool durable)
{
    /// <summary>Acknowledged only when it is on the disk.</summary>
    public bool Durable => durable;

    public abstract void Run(WriteStep step);

    public abstract void Acknowledge();

    public abstract void Fail(Exception error);
}

/// <summary>One that gives a result.</summary>
internal sealed class WriteOperation<T>(Func<WriteStep, T> run, bool durable) : WriteOperation(durable)
{
    // A caller's continuation must not hold up the writer.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _value = default!;

    public Task<T> Completion => _completion.Task;

    public override void Run(WriteStep step) => _value = run(step);

    public override void Acknowledge() => _completion.TrySetResult(_value);

    public override void Fail(Exception error) => _completion.TrySetException(error);
}
