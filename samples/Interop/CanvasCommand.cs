using System.CommandLine;
using System.Globalization;
using Essaim;
using Essaim.Protocol;

namespace Interop;

/// <summary><c>canvas</c>: what <c>send</c> has no options for: callbacks, headers, compression, and tasks put together.</summary>
internal sealed class CanvasCommand : AppCommand
{
    private readonly Argument<string> _form = new("FORM") { Description = "task, chain, group or chord (the last step of a chord is its body)" };

    private readonly Argument<string[]> _steps = new("STEPS")
    {
        Arity = ArgumentArity.OneOrMore,
        Description = "Each 'NAME[@QUEUE] ARGS… key=value', or a signature as JSON, which may be a chain, group or chord again",
    };

    private readonly Option<string[]> _link = new("--link") { HelpName = "STEP", Description = "Sent with the result" };
    private readonly Option<string[]> _linkError = new("--link-error") { HelpName = "STEP", Description = "Sent with the failed id" };
    private readonly Option<string[]> _header = new("--header") { HelpName = "NAME=VALUE", Description = "An extra message header" };
    private readonly Option<string?> _compression = new("--compression") { HelpName = "NAME", Description = "gzip, bzip2, brotli" };
    private readonly Option<string?> _shadow = new("--shadow") { HelpName = "NAME", Description = "Name shown by monitors" };
    private readonly Option<string?> _queue = new("--queue", "-q") { HelpName = "NAME", Description = "Queue of the steps that name none" };
    private readonly Option<string?> _id = new("--id") { HelpName = "ID", Description = "Id of what ends it" };
    private readonly Option<int?> _priority = new("--priority") { HelpName = "0-9", Description = "0 (highest) to 9" };
    private readonly Option<double?> _countdown = new("--countdown") { HelpName = "SECONDS", Description = "Start no sooner than this long from now" };
    private readonly Option<double?> _expires = new("--expires") { HelpName = "SECONDS", Description = "Drop what has not started in this time" };
    private readonly Option<double?> _timeLimit = new("--time-limit") { HelpName = "SECONDS", Description = "End each after this time" };
    private readonly Option<double?> _softTimeLimit = new("--soft-time-limit") { HelpName = "SECONDS", Description = "Ask each to stop after this time" };
    private readonly Option<bool> _ignoreResult = new("--ignore-result") { Description = "Store no result" };
    private readonly Option<double?> _wait = new("--wait") { HelpName = "SECONDS", Description = "Wait this long for the result and print it" };

    public CanvasCommand()
        : base("canvas", "Sends a task, chain, group or chord and prints its id.")
    {
        Add(_form);
        Add(_steps);
        foreach (Option option in (Option[])[_link, _linkError, _header, _compression, _shadow, _queue, _id, _priority, _countdown, _expires, _timeLimit, _softTimeLimit, _ignoreResult, _wait])
            Add(option);
        Examples =
        [
            "canvas chain 'tasks.add 2 3' 'tasks.mul@py 10' --wait 10",
            "canvas chord 'tasks.add 1 1' 'tasks.add 2 2' tasks.total@py",
            "canvas task 'tasks.fail no' --link-error tasks.note@py --compression gzip",
        ];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        Signature canvas = Compose(context.GetValue(_form)!, [.. context.GetValue(_steps)!.Select(StepText.Read)]);
        EnqueueOptions options = new()
        {
            TaskId = context.GetValue(_id),
            Queue = context.GetValue(_queue),
            Priority = context.GetValue(_priority),
            Countdown = Seconds(context.GetValue(_countdown)),
            ExpiresIn = Seconds(context.GetValue(_expires)),
            HardTimeLimit = Seconds(context.GetValue(_timeLimit)),
            SoftTimeLimit = Seconds(context.GetValue(_softTimeLimit)),
            IgnoreResult = context.GetValue(_ignoreResult) ? true : null,
            Compression = context.GetValue(_compression),
            Shadow = context.GetValue(_shadow),
            Link = Steps(context.GetValue(_link)),
            LinkError = Steps(context.GetValue(_linkError)),
            Headers = Headers(context.GetValue(_header)),
        };
        CanvasHandle handle = await context.Client.ApplyAsync(canvas, options, cancellationToken);
        RawJson? result = Seconds(context.GetValue(_wait)) is { } wait ? await handle.GetResultAsync<RawJson>(wait, cancellationToken) : null;
        if (context.Output.IsJson)
            context.Output.Json(new { id = handle.Id, members = Members(handle), parent = handle.Parent?.Id, result });
        else
            context.Output.Data(result?.ToString() ?? handle.Id);
        return ExitCodes.Ok;
    }

    private static Signature Compose(string form, IReadOnlyList<Signature> steps) => form switch
    {
        "task" when steps.Count == 1 => steps[0],
        "chain" => Canvas.Chain(steps),
        "group" => Canvas.Group(steps),
        "chord" => Canvas.Chord([.. steps.Take(steps.Count - 1)], steps[^1]),
        "task" => throw new AppException("ESS4001", $"One task was to be sent, but {steps.Count} steps were given. Use chain, group or chord."),
        _ => throw new AppException("ESS4001", $"'{form}' is no form of canvas. Give task, chain, group or chord."),
    };

    private static string[]? Members(CanvasHandle handle) => handle is GroupHandle group ? [.. group.Members.Select(member => member.Id)] : null;

    private static TimeSpan? Seconds(double? value) => value is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    private static IReadOnlyList<Signature>? Steps(string[]? texts) => texts is null or [] ? null : [.. texts.Select(StepText.Read)];

    private static Dictionary<string, object?>? Headers(string[]? texts)
    {
        if (texts is null or [])
            return null;
        Dictionary<string, object?> headers = [];
        foreach (string text in texts)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
                throw new AppException("ESS4001", string.Create(CultureInfo.InvariantCulture, $"The header '{text}' has no value. Write NAME=VALUE."));
            headers[text[..equals]] = StepText.Value(text[(equals + 1)..]);
        }

        return headers;
    }
}
