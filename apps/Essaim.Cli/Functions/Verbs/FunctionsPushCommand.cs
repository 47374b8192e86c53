using System.CommandLine;
using System.Text.Json;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary><c>functions push</c>: a file becomes a function, or a new version of one.</summary>
internal sealed class FunctionsPushCommand : AppCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "Python file, or a zip with a main.py" };
    private readonly Option<string?> _name = new("--name") { HelpName = "NAME", Description = "The function [default: the file's name without its ending]" };
    private readonly Option<string?> _environment = new("--environment") { HelpName = "NAME", Description = "Where it runs [default: python]" };
    private readonly Option<string> _data = DataOption.Create();
    private readonly RunLimitOptions _limits = new();

    public FunctionsPushCommand()
        : base("push", "Looks at a file in the sandbox and keeps it as a function, or a new version of one.", usesBroker: false)
    {
        Add(_file);
        Add(_name);
        Add(_environment);
        Add(_data);
        _limits.AddTo(this);
        Examples = ["functions push beam.py", "functions push solver.zip --name truss --environment python-sci --memory 2G --time-limit 8h"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string path = context.GetValue(_file)!;
        if (!File.Exists(path))
            throw new AppException("ESS4002", $"There is no file {path}.");
        if (new FileInfo(path).Length > RunRequest.MostArchiveBytes)
            throw new SandboxException("ESS6003", $"{path} has {new FileInfo(path).Length} bytes; a function has at most {RunRequest.MostBytes}, a zip {RunRequest.MostArchiveBytes}. Give data as files to each run.");
        using CoreClient core = CoreClient.Open(context.GetValue(_data)!);
        object body = new
        {
            name = context.GetValue(_name),
            file = Path.GetFileName(path),
            source = await File.ReadAllBytesAsync(path, cancellationToken),
            encoding = "base64",
            environment = context.GetValue(_environment),
            limits = _limits.ReadGiven(context),
        };
        JsonElement version = await core.SendAsync(HttpMethod.Post, "v1/functions", body, cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(version);
            return ExitCodes.Ok;
        }

        context.Output.Data($"{TaskText.Of(version, "name")}@{TaskText.Of(version, "version")}");
        if (!version.GetProperty("created").GetBoolean())
            context.Output.Say("This very content was there already; it is the latest again.");
        foreach (string finding in FunctionsCommand.FindingsOf(version))
            context.Output.Say($"note: {finding}");
        return ExitCodes.Ok;
    }
}
