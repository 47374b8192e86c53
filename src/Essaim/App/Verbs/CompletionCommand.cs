using System.CommandLine;

namespace Essaim;

/// <summary><c>completion</c>: prints the script that teaches a shell this program's verbs and options.</summary>
internal sealed class CompletionCommand : AppCommand
{
    private readonly Argument<string> _shell = new("SHELL") { Description = "bash, zsh or fish" };

    public CompletionCommand()
        : base("completion", "Prints a shell's completion script.", usesBroker: false, hasFormat: false)
    {
        _shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        Add(_shell);
        Examples = ["completion bash > ~/.local/share/bash-completion/completions/essaim", "completion zsh > ~/.zfunc/_essaim", "completion fish | source"];
    }

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string script = context.GetValue(_shell) switch
        {
            "zsh" => Zsh,
            "fish" => Fish,
            _ => Bash,
        };
        context.Output.Data(script.Replace("PROGRAM", context.Definition.Name, StringComparison.Ordinal));
        return Task.FromResult(ExitCodes.Ok);
    }

    // The program itself knows what may come next: "[suggest:POSITION] LINE" asks it.
    private const string Bash = """
        _PROGRAM_complete() {
          local IFS=$'\n'
          COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _PROGRAM_complete PROGRAM
        """;

    private const string Zsh = """
        #compdef PROGRAM
        _PROGRAM() {
          local -a found
          found=("${(@f)$("${words[1]}" "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
          compadd -- $found
        }
        compdef _PROGRAM PROGRAM
        """;

    private const string Fish = """
        complete -c PROGRAM -f -a '(PROGRAM "[suggest:"(commandline -C)"]" (commandline) 2>/dev/null)'
        """;
}
