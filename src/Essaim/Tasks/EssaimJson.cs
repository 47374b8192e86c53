using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>How arguments and results become JSON where nobody says otherwise.</summary>
public static class EssaimJson
{
    /// <summary>Deepest nesting that is read, as <see cref="CeleryJson.Options"/>.</summary>
    internal const int MaxDepth = 256;

    /// <summary>
    /// Names in <c>snake_case</c>, as Python writes them; reading ignores case and understands Celery's typed values. Read-only.
    /// For options of your own, start from <c>new JsonSerializerOptions(EssaimJson.Options)</c>.
    /// </summary>
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        JsonSerializerOptions options = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, MaxDepth = MaxDepth };
        CeleryJson.AddTo(options);
        options.Converters.Add(new RawJsonConverter());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
