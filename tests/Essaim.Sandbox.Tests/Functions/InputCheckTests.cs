using System.Diagnostics;
using System.Text.Json;

namespace Essaim.Sandbox.Tests;

/// <summary>The check before a function is queued, against what Python itself decides when the function runs.</summary>
public sealed class InputCheckTests
{
    private static readonly string[] Files = ["mesh.inp", "load.csv"];

    private static readonly string[] Hints =
    [
        "", "int", "float", "str", "bool", "list", "dict", "None", "Path", "pathlib.Path", "Any", "object", "Unknown", "'float'", "Number",
        "Literal['a', 'b']", "Literal[1, -2, 'x', True, None]", "Literal[1.0, 'yes']", "Literal[b'x', 7]", "Optional[int]", "Optional[Literal['on']]",
        "Union[int, str]", "int | None", "float | int", "str | None", "bool | int", "list[int]", "list[float]", "List[str]", "list[list[int]]", "Sequence[bool]",
        "dict[str, float]", "Dict[str, list[int]]", "Mapping[str, int | None]", "list[Any]", "list[Literal[1, 2]]", "Annotated[float, 'N']", "Path | None",
        "list[Path]", "Union[Literal['a'], Literal[2]]", "list[int] | int", "dict[str, int] | list[str]", "Optional['int']", "tuple[int, int]",
    ];

    private static readonly string[] Values =
    [
        "0", "1", "-2", "7", "1.0", "-0.5", "1e3", "1E400", "2", "true", "false", "null", "\"\"", "\"a\"", "\"on\"", "\"mesh.inp\"", "\"load.csv\"", "\"no.inp\"", "\"../mesh.inp\"",
        "\"params.json\"", "\"x\"", "\"1\"", "[]", "[1]", "[1, 2.0]", "[1, \"a\"]", "[[1], []]", "[[1], [1.5]]", "[true]", "[null]", "[\"mesh.inp\"]", "{}", "{\"a\": 1}", "{\"a\": 1.5, \"b\": null}",
        "{\"a\": [1, 2]}", "{\"a\": \"x\"}", "123456789012345678901234567890", "[{}]",
    ];

    private static readonly string[] Texts =
    [
        "", "0", "1", "-2", "1.0", " 5 ", "1e3", ".5", "5.", "1_000", "1__0", "_1", "+3", "inf", "-Infinity", "nan", "NaN", "Infinity", "[1, NaN]", "{\"a\": -Infinity}", "\"NaN\"", "0x10", "1e", "e3", "٣",
        "true", "True", "YES", "on", "off", "null", "None", "a", "b", "x", "yes", "\"a\"", "mesh.inp", "load.csv", "no.inp", "a/b", "[1, 2]", "[1, 2", "[\"mesh.inp\"]", "{}", "{\"a\": 1}",
        "{\"a\": 1,}", "1 2", "01", "1.5e400", "-", "é", "[[1]]", "[true, false]", "\"half", "\t7\n",
    ];

    [Fact]
    public async Task Find_ManySignaturesAndInputs_AgreesWithPython()
    {
        // The same cases each time; each hint meets each value once, and more come by chance, two or three inputs together.
        Random random = new(20261126);
        List<Case> cases = [];
        foreach (string hint in Hints)
        {
            cases.AddRange(Values.Select(value => new Case(Define(("a", hint, false)), new() { ["a"] = value }, [])));
            cases.AddRange(Texts.Select(text => new Case(Define(("a", hint, false)), [], new() { ["a"] = text })));
        }

        for (int i = 0; i < 4000; i++)
            cases.Add(Draw(random));

        IReadOnlyList<JsonElement> said = await AskPythonAsync(cases);

        Assert.Equal(cases.Count, said.Count);
        int wrong = 0;
        for (int i = 0; i < cases.Count; i++)
        {
            InputCheck check = new(said[i].GetProperty("schema"), Files);
            string[] ours = [.. check.Find(cases[i].Inputs.ToDictionary(one => one.Key, one => JsonSerializer.Deserialize<JsonElement>(one.Value)), cases[i].Texts).Select(one => one.Input)];
            string[] pythons = [.. said[i].GetProperty("wrong").EnumerateArray().Select(one => one[0].GetString()!)];
            Assert.True(ours.Order().SequenceEqual(pythons.Order()), $"{cases[i]}\nhere: {string.Join(' ', ours)}\nPython: {said[i].GetProperty("wrong")}");
            wrong += pythons.Length;
        }

        // Neither is everything refused, nor nothing.
        Assert.InRange(wrong, cases.Count / 4, cases.Count * 2);
    }

    [Fact]
    public async Task Find_Mistakes_SpeaksAsTheFunctionItselfWould()
    {
        Case[] cases =
        [
            new("def main(load: float, steps: int = 3): pass", new() { ["load"] = "\"heavy\"", ["lod"] = "1" }, []),
            new("def main(load: float, kind: Literal['a', 2]): pass", [], new() { ["kind"] = "c" }),
            new("def main(mesh: Path, many: list[int] | None): pass", new() { ["mesh"] = "\"no.inp\"", ["many"] = "[1, \"x\"]" }, []),
            new("def main(): pass", new() { ["a"] = "1" }, []),
            new("def main(on: bool, what: dict[str, str]): pass", new() { ["what"] = "{\"a\": 1}" }, new() { ["on"] = "maybe" }),
        ];

        IReadOnlyList<JsonElement> said = await AskPythonAsync(cases);

        for (int i = 0; i < cases.Length; i++)
        {
            InputCheck check = new(said[i].GetProperty("schema"), Files);
            Assert.Equal(
                said[i].GetProperty("wrong").EnumerateArray().Select(one => (one[0].GetString()!, one[1].GetString()!)),
                check.Find(cases[i].Inputs.ToDictionary(one => one.Key, one => JsonSerializer.Deserialize<JsonElement>(one.Value)), cases[i].Texts).Select(one => (one.Input, one.Message)));
        }
    }

    private static Case Draw(Random random)
    {
        string[] names = ["a", "b", "c"];
        (string, string, bool)[] parameters = [.. names[..random.Next(4)].Select(name => (name, Hints[random.Next(Hints.Length)], random.Next(2) == 0))];
        Case drawn = new(Define([.. parameters]).Replace("(", random.Next(5) == 0 ? "(*, " : "(", StringComparison.Ordinal), [], []);
        if (parameters.Length == 0 || random.Next(6) == 0)
            drawn = drawn with { Source = Define([.. parameters]).Replace("):", random.Next(2) == 0 && parameters.Length > 0 ? ", **more):" : "):", StringComparison.Ordinal) };
        foreach (string name in new[] { "a", "b", "c", "d" })
        {
            switch (random.Next(4))
            {
                case 0:
                    drawn.Inputs[name] = Values[random.Next(Values.Length)];
                    break;
                case 1 or 2:
                    drawn.Texts[name] = Texts[random.Next(Texts.Length)];
                    break;
            }
        }

        return drawn;
    }

    /// <summary>Parameters with defaults come last, as Python wants it.</summary>
    private static string Define(params (string Name, string Hint, bool Default)[] parameters) =>
        $"def main({string.Join(", ", parameters.OrderBy(one => one.Default).Select(one => one.Name + (one.Hint.Length > 0 ? ": " + one.Hint : "") + (one.Default ? " = -1.5" : "")))}): pass";

    private static async Task<IReadOnlyList<JsonElement>> AskPythonAsync(IReadOnlyList<Case> cases)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3") || Environment.GetEnvironmentVariable("CI") == "true", "Python is not installed.");
        string folder = Directory.CreateTempSubdirectory("essaim-inputs-").FullName;
        try
        {
            await UnpackAsync(typeof(InputCheck), "essaim_inputs.py", folder);
            await UnpackAsync(typeof(InputCheckTests), "decide.py", folder);
            ProcessStartInfo start = new("/usr/bin/python3", ["-B", Path.Combine(folder, "decide.py"), folder]) { RedirectStandardInput = true, RedirectStandardOutput = true };
            using Process python = Process.Start(start)!;
            Task<string> answers = python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            foreach (Case one in cases)
            {
                string inputs = string.Join(", ", one.Inputs.Select(input => $"\"{input.Key}\": {input.Value}"));
                await python.StandardInput.WriteLineAsync($$"""{"main": {{JsonSerializer.Serialize(one.Source)}}, "inputs": { {{inputs}} }, "texts": {{JsonSerializer.Serialize(one.Texts)}}}""");
            }

            python.StandardInput.Close();
            string said = await answers;
            await python.WaitForExitAsync(TestContext.Current.CancellationToken);
            return [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task UnpackAsync(Type from, string name, string folder)
    {
        await using Stream content = from.Assembly.GetManifestResourceStream(name)!;
        await using FileStream file = File.Create(Path.Combine(folder, name));
        await content.CopyToAsync(file, TestContext.Current.CancellationToken);
    }

    private sealed record Case(string Source, Dictionary<string, string> Inputs, Dictionary<string, string> Texts)
    {
        public override string ToString() => $"{Source}\ninputs: {JsonSerializer.Serialize(Inputs)}\ntexts: {JsonSerializer.Serialize(Texts)}";
    }
}
