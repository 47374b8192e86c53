namespace Essaim.Sandbox;

/// <summary>The environments an operator declares for a machine: <c>essaim.environments.yaml</c> in the current folder, or the file <c>ESSAIM_ENVIRONMENTS</c> names.</summary>
internal static class EnvironmentCatalog
{
    public const string Variable = "ESSAIM_ENVIRONMENTS";
    public const string DefaultName = "essaim.environments.yaml";
    private static readonly string[] Known = ["executor", "image", "runtime", "command", "python", "root", "needs"];

    /// <summary>Those that are built in and those of the file; a declared one goes before a built-in one of its name.</summary>
    /// <exception cref="SandboxException"><c>ESS6035</c> the file is wrong; all of it is listed.</exception>
    public static IReadOnlyList<SandboxEnvironment> Load()
    {
        string? named = Environment.GetEnvironmentVariable(Variable);
        string file = string.IsNullOrWhiteSpace(named) ? DefaultName : named;
        if (!File.Exists(file))
        {
            return string.IsNullOrWhiteSpace(named)
                ? SandboxEnvironment.BuiltIn
                : throw new SandboxException("ESS6035", $"There is no file {file}, which {Variable} names. Write it, or take the variable away.");
        }

        IReadOnlyList<SandboxEnvironment> declared = Parse(File.ReadAllText(file), file);
        return [.. SandboxEnvironment.BuiltIn.Where(usual => declared.All(one => one.Name != usual.Name)), .. declared];
    }

    /// <summary>Reads a file's text.</summary>
    internal static IReadOnlyList<SandboxEnvironment> Parse(string text, string file)
    {
        ConfigReport report = new(file);
        List<SandboxEnvironment> found = [];
        if (YamlNodes.Parse(text, report) is { } root)
        {
            report.FindDoubles(root, "", "environment");
            if (root.Kind != ConfigNodeKind.Map)
                report.Add(root, "", "Environments are a mapping of names.", "Write 'solver:' and what it is below, indented.");
            foreach ((ConfigNode name, ConfigNode value) in root.Entries)
            {
                if (Read(name, value, report) is { } one)
                    found.Add(one);
            }
        }

        return report.Mistakes is { Count: > 0 } mistakes
            ? throw new SandboxException("ESS6035", string.Join(' ', mistakes.Select(mistake => $"{mistake.File}:{mistake.Line}:{mistake.Column}: {mistake.Problem} {mistake.Fix}")))
            : found;
    }

    private static SandboxEnvironment? Read(ConfigNode name, ConfigNode value, ConfigReport report)
    {
        if (!SandboxEnvironment.IsName(name.Text))
            report.Add(name, name.Text, $"'{name.Text}' cannot be the name of an environment.", "Use small letters, digits, dot, dash and underscore, 63 at most.");
        if (value.Kind != ConfigNodeKind.Map)
        {
            report.Add(value, name.Text, $"The environment '{name.Text}' is {value.Shown}.", "Say below it what it is, such as 'executor: container'.");
            return null;
        }

        report.FindDoubles(value, name.Text, "setting");
        foreach ((ConfigNode setting, _) in value.Entries.Where(entry => !Known.Contains(entry.Name.Text)))
            report.AddUnknown(setting, name.Text, "setting of an environment", Known);
        string? Text(string setting) => value.Find(setting) switch
        {
            null => null,
            { Kind: ConfigNodeKind.Text, Text.Length: > 0 } node => node.Text,
            { } node => Wrong(node, setting),
        };
        string? Wrong(ConfigNode node, string setting)
        {
            report.Add(node, $"{name.Text}.{setting}", $"'{setting}' is {node.Shown}.", "Give a text.");
            return null;
        }

        ExecutorKind? kind = Text("executor") switch
        {
            "bubblewrap" => ExecutorKind.Bubblewrap,
            "container" => ExecutorKind.Container,
            "process" => ExecutorKind.Process,
            null when value.Find("image") is not null => ExecutorKind.Container,
            null when value.Find("executor") is null => ExecutorKind.Bubblewrap,
            _ => null,
        };
        if (kind is null)
            report.Add(value.Find("executor")!, name.Text, "That is no executor.", "It is bubblewrap, container or process.");
        if (kind == ExecutorKind.Container != value.Find("image") is not null)
            report.Add(value, name.Text, kind == ExecutorKind.Container ? "A container needs an image." : "Only a container has an image.", "Write 'executor: container' and 'image: name@sha256:…'.");
        ConfigNode? needs = value.Find("needs");
        if (needs is not null && (needs.Kind != ConfigNodeKind.List || needs.Items.Any(item => item.Kind != ConfigNodeKind.Text || !item.Text.All(IsOfPackage))))
            report.Add(needs, name.Text, "'needs' is no list of packages.", "Write it as [numpy, scipy].");
        SandboxEnvironment read = new(name.Text, kind ?? ExecutorKind.Bubblewrap)
        {
            Image = Text("image"),
            Runtime = Text("runtime"),
            Command = Text("command"),
            Python = Text("python"),
            Root = Text("root"),
            Needs = needs is null ? [] : [.. needs.Items.Select(item => item.Text)],
        };
        if (read.Image is { } image)
            CheckImage(image, value.Find("image")!, name.Text, report);
        return read;
    }

    private static bool IsOfPackage(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.';

    private static void CheckImage(string image, ConfigNode at, string name, ConfigReport report)
    {
        try
        {
            new ContainerOptions(image).Validate();
        }
        catch (SandboxException wrong)
        {
            report.Add(at, name, wrong.Message, "");
        }
    }
}
