using System.CommandLine;

namespace Essaim;

/// <summary><c>send</c>: sends a task and prints its id.</summary>
internal sealed class SendCommand : AppCommand
{
    private readonly SendOptions _options;
    private readonly Option<bool> _wait = new("--wait") { Description = "Wait for the result and print it, as call does" };

    public SendCommand()
        : base("send", "Sends a task and prints its id.")
    {
        _options = new SendOptions(this);
        Add(_wait);
        Examples = ["send demo.add 2 3", "send mail.send to=ada@example.com --countdown 10m", "send report '{\"year\": 2026}' --unique report-2026 --wait"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        TaskHandle handle = await _options.SendAsync(context, cancellationToken);
        if (context.GetValue(_wait))
            return await ResultWriter.WaitAsync(context, handle, _options.TimeoutOf(context), cancellationToken);
        if (context.Output.IsJson)
            context.Output.Json(new { task_id = handle.Id, duplicate = handle.WasDuplicate });
        else
            context.Output.Data(handle.Id);
        return ExitCodes.Ok;
    }
}
