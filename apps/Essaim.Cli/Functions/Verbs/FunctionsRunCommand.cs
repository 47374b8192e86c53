using System.CommandLine;
using System.Text.Json;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary><c>functions run</c>: a function on the fleet, followed as <c>run</c> does, over the core's HTTP API.</summary>
internal sealed class FunctionsRunCommand : AppCommand
{
    private readonly Argument<string> _reference = FunctionsCommand.ReferenceArgument();
    private readonly Argument<string[]> _inputs = new("INPUTS") { Arity = ArgumentArity.ZeroOrMore, Description = "Its inputs: --name value, --name=value or name=value; --name alone is true" };
    private readonly Option<string?> _queue = new("--queue", "-q") { HelpName = "NAME", Description = "The queue [default: as routes say]" };
    private readonly Option<bool> _noWait = new("--no-wait") { Description = "Print the task's id and do not wait for its end" };
    private readonly Option<string> _data = DataOption.Create();
    private readonly RunFileOptions _files = new();
    private readonly RunLimitOptions _limits = new();

    public FunctionsRunCommand()
        : base("run", "Runs a function on the fleet, shows its log and progress, and prints its result.", usesBroker: false)
    {
        Add(_reference);
        Add(_inputs);
        Add(_queue);
        Add(_noWait);
        Add(_data);
        _files.AddTo(this);
        _limits.AddTo(this);
        Examples =
        [
            "functions run beam --load 1200 --length 2.5", "functions run beam@1a2b --load 1200 --time-limit 5m", "functions run beam --load 1200 --no-wait",
            "functions run plate --mesh plate.inp --file plate.inp --out results",
        ];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string address = FunctionsCommand.AddressOf(context.GetValue(_reference)!) + "/runs";
        IReadOnlyDictionary<string, string> texts = RunInputs.Parse(context.GetValue(_inputs) ?? []);
        IReadOnlyList<InputFile> files = _files.Files(context);
        FleetRunOptions options = _files.Read(context, _limits.ReadGiven(context));
        if (context.GetValue(_noWait) && options.Out is not null)
            throw new AppException("ESS4002", "--out waits for its end, and --no-wait does not. Leave one of them out.");
        using CoreClient core = CoreClient.Open(context.GetValue(_data)!);
        using RunScreen screen = new(context.Output);
        FleetFiles fleet = new(context, new CoreShelf(core), screen);
        IReadOnlyDictionary<string, string> contents = await fleet.PutAsync(files, options.FilesLimit, options.Limits.ToLimits().Time, cancellationToken);
        Dictionary<string, object?> body = new() { ["texts"] = texts, ["queue"] = context.GetValue(_queue) };
        options.AddTo(body, contents);
        JsonElement receipt = await core.SendAsync(HttpMethod.Post, address, body, cancellationToken);
        if (context.GetValue(_noWait))
        {
            if (context.Output.IsJson)
                context.Output.Json(receipt);
            else
                context.Output.Data(TaskText.Of(receipt, "id"));
            return ExitCodes.Ok;
        }

        string id = TaskText.Of(receipt, "id");
        CoreRun run = new(core, id);
        await run.FollowAsync(screen, cancellationToken);
        int exit = FleetRun.Write(context, await run.ReadResultAsync(cancellationToken));
        await fleet.FetchAsync(id, options.Out, cancellationToken);
        return exit;
    }
}
