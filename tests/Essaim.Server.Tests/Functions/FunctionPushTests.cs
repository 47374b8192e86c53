using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Essaim.Server.Tests;

/// <summary>Functions pushed to a real core, looked at in a real sandbox.</summary>
public sealed class FunctionPushTests : IAsyncLifetime
{
    internal const string Beam = "def main(load: float, length: float = 2.5):\n    \"\"\"Deflection of a beam.\"\"\"\n    return {\"moment\": load * length}\n";

    private ServerHarness _core = null!;

    public async ValueTask InitializeAsync()
    {
        SkipWithoutSandbox();
        _core = await ServerHarness.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_core is not null)
            await _core.DisposeAsync();
    }

    [Fact]
    public async Task Push_Form_IsAVersionNamedByItsContent()
    {
        Answer first = await FormAsync(Beam, ("limits", """{"memory": 268435456}"""));
        Answer again = await FormAsync(Beam, ("limits", """{"memory": 268435456}"""));
        Answer other = await FormAsync(Beam);

        string version = (string)first.Json["version"]!;
        Assert.Equal((HttpStatusCode.Created, $"/v1/functions/beam/versions/{version}"), (first.Status, first.Headers.Location?.ToString()));
        Assert.Equal((HttpStatusCode.OK, version, false), (again.Status, (string)again.Json["version"]!, (bool)again.Json["created"]!));
        Assert.Equal(HttpStatusCode.Created, other.Status);
        Assert.NotEqual(version, (string)other.Json["version"]!);
        JsonNode shown = (await _core.GetAsync($"/v1/functions/beam/versions/{version[..4]}")).Json;
        Assert.Equal(
            ("beam", false, "python", "beam.py", Beam.Length, 268435456, 3600, "Deflection of a beam.", "admin", "scanned"),
            ((string)shown["name"]!, (bool)shown["latest"]!, (string)shown["environment"]!, (string)shown["file"]!, (int)shown["size"]!, (int)shown["limits"]!["memory"]!,
                (int)shown["limits"]!["time"]!, (string)shown["description"]!, (string)shown["author"]!, (string)shown["scan"]!["status"]!));
        Assert.Equal("number", (string)shown["inputs"]!["properties"]!["load"]!["type"]!);
        Assert.StartsWith(version, (string)shown["id"]!, StringComparison.Ordinal);
        Assert.Equal(64, ((string)shown["id"]!).Length);
        Assert.Equal(
            [((string)other.Json["version"]!, true), (version, false)],
            (await _core.GetAsync("/v1/functions/beam/versions")).Json["versions"]!.AsArray().Select(one => ((string)one!["version"]!, (bool)one["latest"]!)));
        Assert.Equal((string)other.Json["version"]!, (string)(await _core.GetAsync("/v1/functions/beam")).Json["version"]!);
        JsonNode listed = Assert.Single((await _core.GetAsync("/v1/functions")).Json["functions"]!.AsArray())!;
        Assert.Equal(("beam", 2, "Deflection of a beam."), ((string)listed["name"]!, (int)listed["versions"]!, (string)listed["description"]!));
        Answer source = await _core.GetAsync($"/v1/functions/beam/versions/{version}/source");
        Assert.Equal((Beam, "text/x-python", "beam.py"), (source.Text, source.ContentHeaders.ContentType!.MediaType, source.ContentHeaders.ContentDisposition!.FileName));
        Assert.Equal(["function.push", "function.push"], (await _core.GetAsync("/v1/audit")).Json["entries"]!.AsArray().Select(entry => (string)entry!["action"]!));
    }

    [Fact]
    public async Task Push_Json_IsTheSameAsAForm()
    {
        Answer form = await FormAsync(Beam);
        Answer json = await JsonAsync(new { source = Beam, name = "beam" });
        Answer bytes = await JsonAsync(new { source = Encoding.UTF8.GetBytes(Beam), encoding = "base64", file = "beam.py" });
        Answer renamed = await JsonAsync(new { source = Beam, name = "beam", file = "other.py" });

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Created], new[] { form, json, bytes, renamed }.Select(answer => answer.Status));
        Answer version = await _core.PostAsync("/v1/functions/beam/versions", JsonSerializer.Serialize(new { source = Beam }));
        Assert.Equal((HttpStatusCode.OK, (string)form.Json["version"]!, true), (version.Status, (string)version.Json["version"]!, (bool)version.Json["latest"]!));
        (await _core.PostAsync("/v1/functions/arch/versions", JsonSerializer.Serialize(new { source = Beam }))).IsProblem(
            404, "ESS6022", "No such function", "There is no function 'arch'. 'essaim functions list' shows those there are.");
    }

    [Fact]
    public async Task Push_Mistakes_AreAllNamedAndNothingIsKept()
    {
        (await JsonAsync(new { name = "Beam_1", source = "", environment = "x y", limits = new { memory = 1, cpus = "many", colour = 3 }, colour = "red" })).IsProblem(
            422, "ESS5011", "Invalid request", "The request has 6 mistakes; nothing was done.",
            ("$.colour", "is not known here; known are name, file, environment, encoding, limits, source"),
            ("$.name", "'Beam_1' is not a name of a function: 1 to 63 of a-z, 0-9 and -, with a letter or digit first and last, such as beam-deflection."),
            ("$.environment", "'x y' is not a name of an environment: 1 to 63 of a-z, 0-9, dot, dash and underscore, such as python"),
            ("$.source", "is empty"),
            ("$.limits.cpus", "must be a number"),
            ("$.limits.colour", "is not known here; known are time, grace, memory, cpus, pids, open_files, scratch, output, output_files, log"));
        Assert.Equal("The memory must be 128M or more: with less, Python thrashes instead of ending.", (string)(await JsonAsync(new { name = "a", source = Beam, limits = new { memory = 1 } })).Json["errors"]![0]!["message"]!);
        Assert.Equal("is not base64, as its encoding says", (string)(await JsonAsync(new { name = "a", source = "?", encoding = "base64" })).Json["errors"]![0]!["message"]!);
        Assert.Equal(
            "has 1048577 bytes; a file has at most 1048576. Give data as files to each run.",
            (string)(await FormAsync(new string('#', (1 << 20) + 1))).Json["errors"]![0]!["message"]!);
        using MultipartFormDataContent empty = new() { { new StringContent("beam"), "nam" } };
        Answer form = await _core.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/functions") { Content = empty });
        Assert.Equal(["nam", "file", "name"], form.Json["errors"]!.AsArray().Select(error => (string)error!["path"]!));
        (await _core.PostAsync("/v1/functions", Beam, contentType: "text/x-python")).IsProblem(
            415, "ESS5013", "Neither form nor JSON", "Send the file as a form (curl -F file=@beam.py), or JSON with 'Content-Type: application/json'.");
    }

    [Fact]
    public async Task Plan_BoundsVersionsAndRuns()
    {
        await _core.RestartAsync(options => options.Functions = new FunctionOptions { Plan = "memory=256M,time=2h" });

        (await JsonAsync(new { name = "beam", source = Beam, limits = new { memory = 1 << 30, time = 7201, cpus = 64 } })).IsProblem(
            422, "ESS5011", "Invalid request", "The request has 2 mistakes; nothing was done.",
            ("$.limits.time", "must be at most 7200, which is the most this core allows"), ("$.limits.memory", "must be at most 268435456, which is the most this core allows"));
        Assert.Equal(HttpStatusCode.Created, (await JsonAsync(new { name = "beam", source = Beam })).Status);
        Assert.Equal(268435456, (int)(await _core.GetAsync("/v1/functions/beam")).Json["limits"]!["memory"]!);
    }

    [Fact]
    public async Task Plan_LoweredSince_BoundsRunsOfOlderVersions()
    {
        await FormAsync(Beam, ("limits", """{"memory": 1073741824}"""));
        await _core.RestartAsync(options => options.Functions = new FunctionOptions { Plan = "memory=256M" });

        (await _core.PostAsync("/v1/functions/beam/runs", """{"inputs": {"load": 1}}""")).IsProblem(
            422, "ESS5011", "Invalid request", "The request has a mistake; nothing was done.", ("$.limits.memory", "must be at most 268435456, which is the most this core allows"));
        Assert.Equal(HttpStatusCode.Accepted, (await _core.PostAsync("/v1/functions/beam/runs", """{"inputs": {"load": 1}, "limits": {"memory": 268435456}}""")).Status);
    }

    [Fact]
    public async Task Push_NotAFunction_IsRefusedWithLineAndColumn()
    {
        Answer syntax = await FormAsync("def main(\n    a: int\n  return a\n");

        Assert.Equal((422, "ESS6025", "beam.py was not kept: something is wrong with it."), ((int)syntax.Status, syntax.Code, (string)syntax.Json["detail"]!));
        JsonNode error = Assert.Single(syntax.Json["errors"]!.AsArray())!;
        Assert.Equal(("beam.py:1:9", 1, 9, "'(' was never closed"), ((string)error["path"]!, (int)error["line"]!, (int)error["column"]!, (string)error["message"]!));
        Assert.Equal("ESS6025", (await FormAsync("def main(a, /): pass\n")).Code);
        Assert.Empty((await _core.GetAsync("/v1/functions")).Json["functions"]!.AsArray());
    }

    [Fact]
    public async Task Push_PolicyRefuse_RefusesWhatIsMissingNotAllowedOrGrave()
    {
        const string grave = "import no_such_thing\nimport numpy\nimport os\ndef main(a: str):\n    os.system(a)\n    import subprocess\n    subprocess.call('ls ' + a, shell=True)\n";
        Answer warned = await FormAsync(grave);
        Assert.Equal(HttpStatusCode.Created, warned.Status);
        Assert.Contains(warned.Json["findings"]!.AsArray(), one => (string?)one!["message"] == "the package 'no_such_thing' is not in this environment");
        Assert.Contains(warned.Json["findings"]!.AsArray(), one => (string?)one!["rule"] == "B602" && (string?)one["severity"] == "high");
        Assert.Equal("high", (string)warned.Json["findings"]![0]!["severity"]!);

        await using ServerHarness strict = await ServerHarness.StartAsync(options => options.Functions = new FunctionOptions { RefuseFindings = true, AllowedImports = ["scipy"] });
        Answer refused = await strict.PostAsync("/v1/functions", JsonSerializer.Serialize(new { name = "beam", source = grave }));

        Assert.Equal((422, "ESS6025"), ((int)refused.Status, refused.Code));
        string[] said = [.. refused.Json["errors"]!.AsArray().Select(error => $"{error!["path"]} {error["message"]}")];
        Assert.Contains("beam.py:1:1 the package 'no_such_thing' is not among those allowed here: scipy", said);
        Assert.Contains("beam.py:2:1 the package 'numpy' is not among those allowed here: scipy", said);
        Assert.Contains(said, one => one.StartsWith("beam.py:7 B602 (high): ", StringComparison.Ordinal));
        Assert.DoesNotContain(said, one => one.Contains("'os'", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Created, (await strict.PostAsync("/v1/functions", JsonSerializer.Serialize(new { name = "beam", source = Beam }))).Status);
    }

    [Fact]
    public async Task Push_WithoutASandbox_SaysWhatToDo()
    {
        string file = Path.Combine(_core.Folder.FullName, "admin.key");
        await using ServerHarness core = await ServerHarness.StartAsync(options => options.Functions = new FunctionOptions { SandboxFolder = Path.Combine(file, "sandbox") });

        Answer answer = await core.PostAsync("/v1/functions", JsonSerializer.Serialize(new { name = "beam", source = Beam }));

        Assert.Equal((503, "ESS6024"), ((int)answer.Status, answer.Code));
        Assert.StartsWith(
            $"A function is looked at in the sandbox of the core's machine before it is kept, and there is none: The folder for sandboxes {file}/sandbox cannot be made: ",
            (string)answer.Json["detail"]!, StringComparison.Ordinal);
        Assert.Empty((await core.GetAsync("/v1/functions")).Json["functions"]!.AsArray());
    }

    [Fact]
    public async Task Get_WrongNames_AreExplained()
    {
        await FormAsync(Beam);

        (await _core.GetAsync("/v1/functions/Beam")).IsProblem(
            400, "ESS6021", "Not a name", "'Beam' is not a name of a function: 1 to 63 of a-z, 0-9 and -, with a letter or digit first and last, such as beam-deflection.");
        (await _core.GetAsync("/v1/functions/beam/versions/1a")).IsProblem(
            400, "ESS6021", "Not a name", "'1a' is not a version: at least 4 of the hexadecimal digits its id begins with, or latest.");
        (await _core.GetAsync("/v1/functions/beam/versions/0000000000")).IsProblem(
            404, "ESS6022", "No such function", "There is no version '0000000000' of the function 'beam'. 'essaim functions versions beam' lists those there are.");
    }

    internal static void SkipWithoutSandbox() => Assert.SkipUnless(
        Environment.GetEnvironmentVariable("CI") == "true" || (File.Exists("/usr/bin/bwrap") && Directory.Exists("/usr/lib/python3/dist-packages/bandit")), "bubblewrap or Bandit is not installed.");

    private Task<Answer> JsonAsync(object body) => _core.PostAsync("/v1/functions", JsonSerializer.Serialize(body));

    private async Task<Answer> FormAsync(string source, params (string Name, string Value)[] fields)
    {
        using MultipartFormDataContent form = [];
        ByteArrayContent file = new(Encoding.UTF8.GetBytes(source));
        file.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        form.Add(file, "file", "beam.py");
        foreach ((string name, string value) in fields)
            form.Add(new StringContent(value), name);
        return await _core.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/functions") { Content = form });
    }
}
