using System.ComponentModel;
using System.Text;
using System.Text.Json;
using Essaim.Sandbox;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Essaim.Server;

/// <summary>A function to push, as JSON. The same fields are those of a form; there the source is a file. <see cref="FunctionUpload"/> reads both.</summary>
internal sealed record FunctionSubmission
{
    [Description("1 to 63 of a-z, 0-9 and -. Default: the file's name without its ending.")]
    public string? Name { get; init; }

    [Description("Python, or a zip in base64. In a form: file.")]
    public required string Source { get; init; }

    [Description("text (the default) or base64. Not in a form.")]
    public string? Encoding { get; init; }

    [Description("The file's name, as tracebacks have it. Default: that of the form's file, else NAME.py.")]
    public string? File { get; init; }

    [Description("Where it runs. Default python.")]
    public string? Environment { get; init; }

    [Description("Limits: time, grace (seconds), memory, scratch, output, log (bytes), cpus, pids, open_files, output_files. In a form: JSON.")]
    public JsonElement? Limits { get; init; }
}

/// <summary>A function that was read and can be looked at.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Entry">The file's name.</param>
/// <param name="Source">Its bytes.</param>
/// <param name="Environment">Where it is to run.</param>
/// <param name="Limits">What it may use.</param>
internal sealed record FunctionUpload(string Name, string Entry, ReadOnlyMemory<byte> Source, string Environment, RunLimits Limits)
{
    /// <summary>A zip in base64, with what is around it.</summary>
    public const long MostBody = (RunRequest.MostArchiveBytes / 3 * 4) + (1 << 20);

    public const string DefaultEnvironment = "python";

    private const int LongestText = 200;

    /// <summary>Reads a form or JSON.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">The name the address gives; null: the body's.</param>
    /// <param name="plan">The most it may ask for.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    /// <exception cref="ProblemException"><c>ESS5011</c> with every mistake.</exception>
    public static async ValueTask<FunctionUpload> ReadAsync(HttpContext context, string? name, FunctionPlan plan, CancellationToken cancellationToken)
    {
        RequestBody.Allow(context, MostBody);
        if (context.Request.HasFormContentType)
            return await ReadFormAsync(context, name, plan, cancellationToken);
        using JsonDocument body = RequestBody.Parse(await RequestBody.ReadAsync(context, cancellationToken));
        List<Mistake> mistakes = [];
        ObjectReader reader = new(body.RootElement, "$", mistakes);
        string? given = reader.Text("name", LongestText), file = reader.Text("file", LongestText), environment = reader.Text("environment", LongestText);
        string? encoding = reader.OneOf("encoding", "text", "base64");
        JsonElement? limits = reader.Object("limits");
        byte[]? source = ReadSource(body.RootElement, encoding, reader);
        reader.Known("source");
        reader.Finish();
        return Make(name ?? given, file, source, environment, limits, plan, mistakes, "$.");
    }

    /// <summary>What is said where a body of another kind is pushed; null where that address takes none.</summary>
    public static ProblemHttpResult? ExplainContentType(HttpRequest request) =>
        request.Path.StartsWithSegments("/v1/functions") && !request.Path.Value!.EndsWith("/runs", StringComparison.Ordinal)
            ? Problem.Of(415, "ESS5013", "Neither form nor JSON", "Send the file as a form (curl -F file=@beam.py), or JSON with 'Content-Type: application/json'.")
            : null;

    private static async ValueTask<FunctionUpload> ReadFormAsync(HttpContext context, string? name, FunctionPlan plan, CancellationToken cancellationToken)
    {
        // Kept in memory: what is pushed lies on no disk before it was looked at.
        FormOptions options = new() { MultipartBodyLengthLimit = MostBody, MemoryBufferThreshold = (int)MostBody, BufferBodyLengthLimit = MostBody, ValueCountLimit = 32 };
        IFormCollection form;
        try
        {
            form = await new FormFeature(context.Request, options).ReadFormAsync(cancellationToken);
        }
        catch (Exception broken) when (broken is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw new ProblemException(Problem.Of(400, "ESS5019", "Bad request", $"The form cannot be read: {broken.Message}"));
        }

        List<Mistake> mistakes = [];
        string[] known = ["name", "environment", "limits"];
        foreach (string other in form.Keys.Except(known))
            mistakes.Add(new Mistake(other, $"is not known here; known are file, {string.Join(", ", known)}"));
        foreach (IFormFile other in form.Files.Where(file => file.Name != "file"))
            mistakes.Add(new Mistake(other.Name, "is not known here; the function is the form's 'file'"));
        IFormFile? file = form.Files.GetFile("file");
        if (file is null)
            mistakes.Add(new Mistake("file", "is required: curl -F file=@beam.py"));
        byte[]? source = null;
        if (file is not null)
        {
            using MemoryStream buffer = new();
            await file.CopyToAsync(buffer, cancellationToken);
            source = buffer.ToArray();
        }

        JsonElement? limits = null;
        if (form["limits"].ToString() is { Length: > 0 } text)
        {
            try
            {
                limits = JsonSerializer.Deserialize<JsonElement>(text);
            }
            catch (JsonException)
            {
                mistakes.Add(new Mistake("limits", "must be JSON, such as {\"memory\": 1073741824}"));
            }
        }

        return Make(name ?? Given("name"), file?.FileName is { } path ? Path.GetFileName(path) : null, source, Given("environment"), limits, plan, mistakes, "");

        string? Given(string field) => form[field].ToString() is { Length: > 0 } value ? value : null;
    }

    private static byte[]? ReadSource(JsonElement body, string? encoding, ObjectReader reader)
    {
        if (body.ValueKind != JsonValueKind.Object)
            return null;
        if (!body.TryGetProperty("source", out JsonElement source) || source.ValueKind != JsonValueKind.String)
        {
            reader.Fail("$.source", "is required: Python as a text, or a zip in base64 with \"encoding\": \"base64\"");
            return null;
        }

        try
        {
            return encoding == "base64" ? source.GetBytesFromBase64() : Encoding.UTF8.GetBytes(source.GetString()!);
        }
        catch (Exception wrong) when (wrong is FormatException or InvalidOperationException)
        {
            reader.Fail("$.source", encoding == "base64" ? "is not base64, as its encoding says" : "has half characters; send it as base64");
            return null;
        }
    }

    private static FunctionUpload Make(
        string? name, string? file, byte[]? source, string? environment, JsonElement? limits, FunctionPlan plan, List<Mistake> mistakes, string at)
    {
        bool isArchive = source.AsSpan().StartsWith("PK\u0003\u0004"u8);
        if (name is null && file is not null)
            name = Path.GetFileNameWithoutExtension(file).ToLowerInvariant().Replace('_', '-');
        string entry = file ?? $"{name}{(isArchive ? ".zip" : ".py")}";
        if (name is null)
            mistakes.Add(new Mistake(at + "name", "is required"));
        else if (FunctionReference.ProblemOfName(name) is { } wrong)
            mistakes.Add(new Mistake(at + "name", wrong));
        if (entry.Length > LongestText || entry.Any(char.IsControl) || entry.Contains('/', StringComparison.Ordinal))
            mistakes.Add(new Mistake(at + "file", $"must be a name of a file, at most {LongestText} characters, none of them a control character or /"));
        environment ??= DefaultEnvironment;
        if (environment.Length is 0 or > 63 || !char.IsAsciiLetterOrDigit(environment[0]) || !environment.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '.' or '-' or '_'))
            mistakes.Add(new Mistake(at + "environment", $"'{environment}' is not a name of an environment: 1 to 63 of a-z, 0-9, dot, dash and underscore, such as python"));
        int most = isArchive ? RunRequest.MostArchiveBytes : RunRequest.MostBytes;
        string field = at + (at.Length > 0 ? "source" : "file");
        if (source is { Length: 0 })
            mistakes.Add(new Mistake(field, "is empty"));
        if (source?.Length > most)
            mistakes.Add(new Mistake(field, $"has {source.Length} bytes; a {(isArchive ? "zip" : "file")} has at most {most}. Give data as files to each run."));
        RunLimits read = CallLimits.Read(limits, plan, at + "limits", mistakes);
        return mistakes.Count > 0 ? throw new ProblemException(Problem.Invalid(mistakes)) : new FunctionUpload(name!, entry, source, environment, read);
    }
}
