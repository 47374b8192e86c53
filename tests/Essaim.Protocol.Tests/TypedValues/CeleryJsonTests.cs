using System.Text.Json;

namespace Essaim.Protocol.Tests;

public sealed class CeleryJsonTests
{
    /// <summary>What a handler asks for in the capture of typed values.</summary>
    private sealed record Typed(DateTimeOffset Dt, DateOnly D, TimeOnly T, decimal Dec, Guid U, byte[] B, byte[] Raw);

    [Fact]
    public void Deserialize_OfCapturedTypedValues_ReadsDotNetTypes()
    {
        TaskMessage message = MessageCodec.Decode(CaptureFiles.EnvelopesOf("celery-5.6/typed_json")[0]);

        Typed typed = MessageCodec.ReadBody(message).Kwargs.Deserialize<Typed>(CeleryJson.Options)!;

        Assert.Equal(new DateTimeOffset(2031, 1, 2, 3, 4, 5, TimeSpan.Zero), typed.Dt);
        Assert.Equal((new DateOnly(2031, 1, 2), new TimeOnly(3, 4), 1.10m), (typed.D, typed.T, typed.Dec));
        Assert.Equal(new Guid("00000000-0000-0000-0000-000000000007"), typed.U);
        Assert.Equal("abc"u8.ToArray(), typed.B);
        Assert.Equal([0xFF], typed.Raw);
    }

    [Theory]
    [InlineData("\"2031-01-02T03:04:05Z\"", DateTimeKind.Utc)]
    [InlineData("\"2031-01-02T05:04:05+02:00\"", DateTimeKind.Utc)]
    [InlineData("\"2031-01-02T03:04:05\"", DateTimeKind.Unspecified)]
    [InlineData("{\"__value__\": \"2031-01-02T03:04:05\", \"__type__\": \"datetime\"}", DateTimeKind.Unspecified)]
    public void Deserialize_OfADateTime_KeepsWhetherItWasNaive(string json, DateTimeKind kind)
    {
        DateTime read = JsonSerializer.Deserialize<DateTime>(json, CeleryJson.Options);

        Assert.Equal((new DateTime(2031, 1, 2, 3, 4, 5), kind), (read, read.Kind));
    }

    [Fact]
    public void Serialize_OfEveryType_WritesThePlainFormAndReadsBack()
    {
        Typed typed = new(
            new DateTimeOffset(2031, 1, 2, 3, 4, 5, TimeSpan.FromHours(1)).AddTicks(10), new DateOnly(2031, 1, 2), new TimeOnly(3, 4, 5, 250),
            1.10m, new Guid("00000000-0000-0000-0000-000000000007"), [1], [2]);

        string json = JsonSerializer.Serialize(typed, CeleryJson.Options);

        Assert.Equal(
            """{"Dt":"2031-01-02T03:04:05.000001\u002B01:00","D":"2031-01-02","T":"03:04:05.250000","Dec":1.10,"U":"00000000-0000-0000-0000-000000000007","B":"AQ==","Raw":"Ag=="}""",
            json);
        Assert.Equivalent(typed, JsonSerializer.Deserialize<Typed>(json, CeleryJson.Options), strict: true);
    }

    [Theory]
    [InlineData("1.10")]
    [InlineData("\"1.10\"")]
    [InlineData("{\"__type__\": \"decimal\", \"__value__\": \"1.10\"}")]
    public void Deserialize_OfADecimal_ReadsAllForms(string json) =>
        Assert.Equal(1.10m, JsonSerializer.Deserialize<decimal>(json, CeleryJson.Options));

    [Theory]
    [InlineData("\"00000000000000000000000000000007\"")]
    [InlineData("{\"__type__\": \"uuid\", \"__value__\": {\"version\": 4, \"hex\": \"00000000000000000000000000000007\"}}")]
    public void Deserialize_OfAUuid_ReadsAllForms(string json) =>
        Assert.Equal(new Guid("00000000-0000-0000-0000-000000000007"), JsonSerializer.Deserialize<Guid>(json, CeleryJson.Options));

    [Theory]
    [InlineData(typeof(DateOnly), "{\"__type__\": \"uuid\", \"__value__\": \"x\"}", "A Python value of type uuid does not fit; date would.")]
    [InlineData(typeof(DateOnly), "{\"__type__\": \"date\"}", "An object without both __type__ and __value__ is not a typed value of Python.")]
    [InlineData(typeof(Guid), "{\"hex\": \"07\"}", "An object with hex is not a typed value of Python; only __type__ and __value__ may stand in one.")]
    [InlineData(typeof(DateOnly), "\"2031-01-02T00:00:00\"", "A JSON String does not read as DateOnly.")]
    [InlineData(typeof(TimeOnly), "\"25:00\"", "A JSON String does not read as TimeOnly.")]
    [InlineData(typeof(decimal), "1e999", "A JSON Number does not read as Decimal.")]
    [InlineData(typeof(byte[]), "\"*\"", "A JSON String does not read as Byte[].")]
    public void Deserialize_OfWhatDoesNotFit_SaysWhy(Type type, string json, string expected)
    {
        JsonException error = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, type, CeleryJson.Options));

        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
    }
}
