using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Essaim;

/// <summary>What a verb works with: its command line, the broker, and where it writes.</summary>
public sealed class CommandContext : IAsyncDisposable
{
    private readonly Interruption _interruption;
    private ServiceProvider? _services;
    private IBackend? _backend;

    internal CommandContext(AppDefinition definition, ParseResult parsed, string brokerUrl, bool json, Interruption interruption)
    {
        Definition = definition;
        Parsed = parsed;
        BrokerUrl = brokerUrl;
        Output = new CommandOutput(json, Console.Out, Console.Error);
        _interruption = interruption;
    }

    /// <summary>The command line.</summary>
    public ParseResult Parsed { get; }

    /// <summary>The broker to use: <c>--broker</c>, else <c>ESSAIM_BROKER</c>, else the program's own, else a file in this folder.</summary>
    public string BrokerUrl { get; }

    /// <summary>Where data and talk go.</summary>
    public CommandOutput Output { get; }

    /// <summary>Cancelled by the second Ctrl-C or SIGTERM: stop at once.</summary>
    public CancellationToken StopNow => _interruption.Second;

    /// <summary>The program's services, with tasks and a client of <see cref="BrokerUrl"/>. Built on first use.</summary>
    public IServiceProvider Services => _services ??= Definition.Services.AddEssaim(BrokerUrl).BuildServiceProvider();

    /// <summary>A client of the broker that knows the program's tasks. Opens the broker on first use.</summary>
    public TaskClient Client => Services.GetRequiredService<TaskClient>();

    internal AppDefinition Definition { get; }

    /// <summary>The value of an option, or its default.</summary>
    public T? GetValue<T>(Option<T> option) => Parsed.GetValue(option);

    /// <summary>The value of an argument, or its default.</summary>
    public T? GetValue<T>(Argument<T> argument) => Parsed.GetValue(argument);

    /// <summary>The broker itself, opened once. A file nobody made yet is not made by looking for it.</summary>
    /// <exception cref="AppException"><c>ESS4003</c> there is no broker in this folder.</exception>
    internal async ValueTask<IBackend> OpenBackendAsync(CancellationToken cancellationToken)
    {
        RequireBroker();
        return _backend ??= await Backend.OpenAsync(BrokerUrl, new BackendContext(TimeProvider.System, NullLoggerFactory.Instance), cancellationToken);
    }

    /// <summary>Refuses to go on where only the fall-back broker is named and it does not exist.</summary>
    internal void RequireBroker()
    {
        string file = AppDefinition.FallbackBroker["sqlite:".Length..];
        if (BrokerUrl == AppDefinition.FallbackBroker && !File.Exists(file))
        {
            throw new AppException(
                "ESS4003",
                $"There is no broker in this folder ({Path.GetFullPath(file)} does not exist). Start one with '{Definition.Name} worker', go to the folder of a running one, or name it with --broker URL.");
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_services is not null)
            await _services.DisposeAsync();
        if (_backend is not null)
            await _backend.DisposeAsync();
    }
}
