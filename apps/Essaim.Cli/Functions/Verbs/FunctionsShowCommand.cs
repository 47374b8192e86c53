using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Essaim.Cli;

/// <summary><c>functions show</c>: all that is known of a version, or its source.</summary>
internal sealed class FunctionsShowCommand : AppCommand
{
    private readonly Argument<string> _reference = FunctionsCommand.ReferenceArgument();
    private readonly Option<bool> _source = new("--source") { Description = "Write its source instead, as it was pushed" };
    private readonly Option<string> _data = DataOption.Create();

    public FunctionsShowCommand()
        : base("show", "Shows what is known of a function: inputs, limits, findings.", usesBroker: false)
    {
        Add(_reference);
        Add(_source);
        Add(_data);
        Examples = ["functions show beam", "functions show beam@1a2b --source > beam.py"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string address = FunctionsCommand.AddressOf(context.GetValue(_reference)!);
        using CoreClient core = CoreClient.Open(context.GetValue(_data)!);
        if (context.GetValue(_source))
        {
            byte[] source = await core.DownloadAsync(address + "/source", cancellationToken);
            await using Stream output = Console.OpenStandardOutput();
            await output.WriteAsync(source, cancellationToken);
            return ExitCodes.Ok;
        }

        JsonElement version = await core.SendAsync(HttpMethod.Get, address, cancellationToken);
        if (context.Output.IsJson)
            context.Output.Json(version);
        else
            Write(context.Output, version);
        return ExitCodes.Ok;
    }

    private static void Write(CommandOutput output, JsonElement version)
    {
        output.Data($"name         {TaskText.Of(version, "name")}");
        output.Data($"version      {TaskText.Of(version, "version")}{(version.GetProperty("latest").GetBoolean() ? " (latest)" : "")}");
        if (TaskText.Of(version, "description") is var description and not "-")
            output.Data($"description  {description}");
        output.Data($"pushed       {TaskText.TimeOf(version, "created_at")} by {TaskText.Of(version, "author")}, {TaskText.Of(version, "file")}, {TaskText.Of(version, "size")} bytes");
        output.Data($"environment  {TaskText.Of(version, "environment")}");
        output.Data($"limits       {string.Join(", ", version.GetProperty("limits").EnumerateObject().Select(limit => $"{limit.Name} {limit.Value}"))}");
        string[][] inputs = [.. Inputs(version.GetProperty("inputs"))];
        if (inputs.Length > 0)
            output.Table(["INPUT", "TYPE", "DEFAULT"], inputs);
        foreach (string finding in FunctionsCommand.FindingsOf(version))
            output.Data($"note: {finding}");
    }

    private static IEnumerable<string[]> Inputs(JsonElement schema)
    {
        if (!schema.TryGetProperty("properties", out JsonElement properties))
            yield break;
        HashSet<string> required = [.. schema.GetProperty("required").EnumerateArray().Select(name => name.GetString()!)];
        foreach (JsonProperty input in properties.EnumerateObject())
        {
            string otherwise = input.Value.TryGetProperty("default", out JsonElement value) ? value.GetRawText() : required.Contains(input.Name) ? "required" : "";
            yield return [input.Name, TypeOf(input.Value), otherwise];
        }
    }

    private static string TypeOf(JsonElement type) => type.TryGetProperty("anyOf", out JsonElement any) ? string.Join(" or ", any.EnumerateArray().Select(TypeOf))
        : type.TryGetProperty("enum", out JsonElement words) ? string.Join(" | ", words.EnumerateArray().Select(word => word.GetRawText()))
        : type.TryGetProperty("format", out _) ? "file"
        : !type.TryGetProperty("type", out JsonElement name) ? "any"
        : type.TryGetProperty("items", out JsonElement items) ? string.Create(CultureInfo.InvariantCulture, $"{name} of {TypeOf(items)}")
        : name.GetString()!;
}
