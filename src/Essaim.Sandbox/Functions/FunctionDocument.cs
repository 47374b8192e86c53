using System.Text.Json;
using Essaim.Protocol;

namespace Essaim.Sandbox;

/// <summary>What the catalog says of a version: all a worker needs to run it.</summary>
/// <param name="Environment">Where it runs.</param>
/// <param name="Limits">What it may use.</param>
/// <param name="Inputs">Its inputs as JSON Schema.</param>
/// <param name="Entry">The file's name.</param>
/// <param name="Source">Id of the blob with its source.</param>
internal sealed record FunctionDocument(string Environment, FunctionLimits Limits, JsonElement Inputs, string Entry, string Source)
{
    public RawJson Encode() => RawJson.From(this, EssaimJson.Options);

    /// <exception cref="FunctionException"><c>ESS6029</c> another, later program wrote it.</exception>
    public static FunctionDocument Decode(FunctionEntry entry)
    {
        try
        {
            return entry.Document.Deserialize<FunctionDocument>(EssaimJson.Options) is { Environment: not null, Limits: not null, Entry: not null, Source: not null } document
                ? document
                : throw new JsonException("a field is missing");
        }
        catch (JsonException wrong)
        {
            throw new FunctionException("ESS6029", $"What the broker keeps of '{entry.Name}' cannot be read: {wrong.Message} Update Essaim on this machine, or start the core again.");
        }
    }
}
