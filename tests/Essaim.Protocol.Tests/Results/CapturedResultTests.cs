using System.Text.Json.Nodes;

namespace Essaim.Protocol.Tests;

/// <summary>Golden tests: results that Python stored, read and written again.</summary>
public sealed class CapturedResultTests
{
    [Fact]
    public void Encode_OfEveryCapturedResult_SaysWhatPythonSaid()
    {
        Assert.Equal(152, CaptureFiles.Results.Count);
        foreach ((string capture, byte[] text) in CaptureFiles.Results)
        {
            JsonNode expected = JsonNode.Parse(text)!;
            // Celery 5.2 writes UTC without saying so; Essaim always says it.
            if ((string?)expected["date_done"] is { } done && !done.EndsWith("+00:00", StringComparison.Ordinal))
                expected["date_done"] = done + "+00:00";
            SameJson.Assert(expected, JsonNode.Parse(ResultDocument.Decode(text).Encode()), capture);
        }
    }

    [Fact]
    public void ExceptionDocument_OfEveryCapturedError_SaysWhatPythonSaid()
    {
        int errors = 0;
        foreach ((string capture, byte[] text) in CaptureFiles.Results)
        {
            ResultDocument document = ResultDocument.Decode(text);
            if (!document.State.IsException)
                continue;
            errors++;
            SameJson.Assert(document.Result.Utf8, ExceptionDocument.Decode(document.Result).Encode().Utf8, capture);
        }

        Assert.Equal(44, errors);
    }
}
