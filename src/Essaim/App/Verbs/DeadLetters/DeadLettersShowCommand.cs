using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Essaim;

/// <summary><c>dead-letters show</c>.</summary>
internal sealed class DeadLettersShowCommand : AppCommand
{
    private readonly Argument<string> _id = DeadLettersCommand.IdArgument();

    public DeadLettersShowCommand()
        : base("show", "Shows a dead letter with its whole message.")
    {
        Add(_id);
        Examples = ["dead-letters show 3f2c…", "dead-letters show 3f2c… --format json"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        DeadLetter letter = await DeadLettersCommand.FindAsync(context, backend, context.GetValue(_id)!, cancellationToken);
        JsonElement? envelope = Read(letter.Envelope);
        if (context.Output.IsJson)
        {
            context.Output.Json(new { letter = DeadLettersListCommand.Describe(letter), envelope, body = Body(envelope) });
            return ExitCodes.Ok;
        }

        foreach ((string name, string value) in Lines(letter, envelope))
            context.Output.Data($"{name,-11} {value}");
        return ExitCodes.Ok;
    }

    private static (string Name, string Value)[] Lines(DeadLetter letter, JsonElement? envelope) =>
    [
        ("message", letter.MessageId),
        ("task", $"{letter.TaskId} {letter.TaskName}"),
        ("queue", letter.Queue),
        ("died", TimeText.Show(letter.DiedAt)),
        ("deliveries", letter.DeliveryCount.ToString(CultureInfo.InvariantCulture)),
        ("reason", JsonCell.Plain(letter.Reason)),
        ("arguments", Body(envelope) is { } body ? JsonCell.Of(body) : "-"),
        ("envelope", envelope is { } whole ? JsonCell.Of(whole) : JsonCell.Plain(Encoding.UTF8.GetString(letter.Envelope.Span))),
    ];

    // A message may be dead because it is no JSON.
    private static JsonElement? Read(ReadOnlyMemory<byte> text)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(text.Span);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // kombu's body is base64 of JSON, unless it was packed or is of another kind.
    private static JsonElement? Body(JsonElement? envelope) =>
        JsonCell.Get(envelope, "body") is { ValueKind: JsonValueKind.String } body && body.TryGetBytesFromBase64(out byte[]? bytes) ? Read(bytes) : null;
}
