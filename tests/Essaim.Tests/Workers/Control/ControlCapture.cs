using System.Text.Json;
using Essaim.Protocol;
using Essaim.Tests.Architecture;

namespace Essaim.Tests.Workers.Control;

/// <summary>A request and the reply a real Celery worker (5.2.6) gave.</summary>
internal sealed record ControlCapture(string Method, RawJson Arguments, JsonElement Reply)
{
    public static ControlCapture Load(string name)
    {
        JsonElement file = Read(name);
        JsonElement request = file.GetProperty("request");
        return new ControlCapture(
            request.GetProperty("command").GetString()!, RawJson.From(request.GetProperty("arguments")), file.GetProperty("reply"));
    }

    /// <summary>The first event of a type that a real worker sent.</summary>
    public static JsonElement Event(string name, string type) =>
        Read(name).GetProperty("events").EnumerateArray().First(one => one.GetProperty("type").GetString() == type);

    /// <summary>Everything Celery says is there, of the same kind; more may be.</summary>
    public static void AssertSameShape(JsonElement expected, JsonElement actual, string path = "$")
    {
        if (expected.ValueKind == JsonValueKind.Null || actual.ValueKind == JsonValueKind.Null)
            return;
        Assert.True(Kind(expected) == Kind(actual), $"{path} is {actual.ValueKind}, Celery's is {expected.ValueKind}");
        if (expected.ValueKind != JsonValueKind.Object)
            return;
        foreach (JsonProperty field in expected.EnumerateObject())
        {
            Assert.True(actual.TryGetProperty(field.Name, out JsonElement value), $"{path}.{field.Name} is missing");
            AssertSameShape(field.Value, value, $"{path}.{field.Name}");
        }
    }

    private static JsonValueKind Kind(JsonElement value) => value.ValueKind == JsonValueKind.False ? JsonValueKind.True : value.ValueKind;

    public static void AssertEqual(JsonElement expected, RawJson actual) =>
        Assert.True(JsonElement.DeepEquals(expected, actual.Deserialize<JsonElement>()), $"Expected {expected.GetRawText()}\nActual   {actual}");

    private static JsonElement Read(string name) => JsonSerializer.Deserialize<JsonElement>(
        File.ReadAllText(Path.Combine(Repository.Root, "tests/Essaim.Tests/Workers/Control/captures", $"{name}.json")));
}
