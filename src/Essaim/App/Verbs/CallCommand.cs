namespace Essaim;

/// <summary><c>call</c>: sends a task, waits, prints its result.</summary>
internal sealed class CallCommand : AppCommand
{
    private readonly SendOptions _options;

    public CallCommand()
        : base("call", "Sends a task, waits for its end and prints its result.")
    {
        _options = new SendOptions(this);
        Examples = ["call demo.add 2 3", "call demo.countdown 5 --timeout 1m", "call demo.echo '{\"any\": \"json\"}' --format json"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        TaskHandle handle = await _options.SendAsync(context, cancellationToken);
        return await ResultWriter.WaitAsync(context, handle, _options.TimeoutOf(context), cancellationToken);
    }
}
