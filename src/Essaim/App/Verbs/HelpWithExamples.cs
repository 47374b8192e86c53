using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Essaim;

/// <summary>The usual help text under the program's own name, then the command's examples.</summary>
internal sealed class HelpWithExamples(HelpAction usual, string program) : SynchronousCommandLineAction
{
    // Pipes and files have no width; help in them is as wide as here.
    private const int WidthOfFiles = 110;

    private static readonly string[] RootExamples = ["send demo.add 2 3", "result ID --wait", "worker --autoscale 4,1"];

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        TextWriter output = parseResult.InvocationConfiguration.Output;
        if (Console.IsOutputRedirected)
            usual.MaxWidth = WidthOfFiles;
        using StringWriter text = new();
        parseResult.InvocationConfiguration.Output = text;
        int code = usual.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output = output;

        output.Write(text.ToString().TrimEnd().Replace($"  {RootCommand.ExecutableName} ", $"  {program} ", StringComparison.Ordinal));
        output.WriteLine();
        output.WriteLine();
        output.WriteLine("Examples:");
        foreach (string example in (parseResult.CommandResult.Command as AppCommand)?.Examples ?? RootExamples)
            output.WriteLine($"  {program} {example}");
        return code;
    }
}
