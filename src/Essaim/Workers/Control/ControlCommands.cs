using Essaim.Protocol;

namespace Essaim;

/// <summary>Answers one command; null: no reply is sent (<see cref="RawJson.Null"/> is a reply).</summary>
internal delegate ValueTask<RawJson?> ControlCommand(ControlArguments arguments, CancellationToken cancellationToken);

/// <summary>The commands by name, as each topic adds them.</summary>
internal sealed class ControlCommands
{
    private readonly Dictionary<string, ControlCommand> _commands = new(StringComparer.Ordinal);

    public ControlCommand? Find(string name) => _commands.GetValueOrDefault(name);

    public void Add(ControlCommand command, params string[] names)
    {
        foreach (string name in names)
            _commands.Add(name, command);
    }

    /// <summary>Adds a command that waits for nothing.</summary>
    public void Add(Func<ControlArguments, RawJson?> command, params string[] names) =>
        Add((arguments, _) => ValueTask.FromResult(command(arguments)), names);

    public static RawJson Ok(string text) => RawJson.From(new Dictionary<string, string> { ["ok"] = text });

    public static RawJson Error(string text) => RawJson.From(new Dictionary<string, string> { ["error"] = text });
}
