using System.CommandLine;
using System.Globalization;
using Essaim.Edge;

namespace Essaim.Cli;

/// <summary><c>mqtt check</c>: tries the way to a broker step by step, and says which does not work and what to do.</summary>
internal sealed class MqttCheckCommand : AppCommand
{
    /// <summary>Where MQTT over WebSocket usually is.</summary>
    public const int WebSocketPort = 9001;

    private static readonly string[] s_languages = ["LC_ALL", "LC_MESSAGES", "LANG"];
    private readonly Argument<string> _host = new("HOST") { Description = "The broker's name or address" };
    private readonly Option<int?> _port = new("--port") { HelpName = "PORT", Description = "Its port [default: 1883, with TLS 8883]" };
    private readonly Option<string?> _user = new("--user") { HelpName = "USER", Description = "User; the password comes from ESSAIM_MQTT_PASSWORD" };
    private readonly Option<bool> _tls = new("--tls") { Description = "Encrypt, trusting the system's authorities" };
    private readonly Option<string?> _authority = new("--ca-file") { HelpName = "FILE", Description = "Encrypt, trusting the authority in this PEM file" };
    private readonly Option<int?> _webSocket = new("--websocket-port") { HelpName = "PORT", Description = "Port of MQTT over WebSocket that must answer [default: 9001, which may be closed]" };
    private readonly Option<string?> _language = new("--lang") { HelpName = "en|fr", Description = "Language [default: that of the environment]" };

    public MqttCheckCommand()
        : base("check", "Tries the connection to an MQTT broker: name, port, TLS, sign-in, publish and receive, WebSocket.", usesBroker: false, hasFormat: false)
    {
        Add(_host);
        Add(_port);
        Add(_user);
        Add(_tls);
        Add(_authority);
        Add(_webSocket);
        _language.AcceptOnlyFromAmong("en", "fr");
        Add(_language);
        Examples = ["mqtt check core.local", "ESSAIM_MQTT_PASSWORD=… mqtt check core.local --user slot-01 --ca-file ca.pem --lang fr"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        bool isEncrypted = context.GetValue(_tls) || context.GetValue(_authority) is not null;
        string? user = context.GetValue(_user);
        string? password = Environment.GetEnvironmentVariable("ESSAIM_MQTT_PASSWORD");
        MqttOptions options = new()
        {
            Host = context.GetValue(_host)!,
            Port = context.GetValue(_port) ?? (isEncrypted ? 8883 : 1883),
            // Its own name, so that no device's connection is ended; brokers that put the user in its place end that user's.
            ClientId = ClientId(),
            UserName = user,
            Password = user is null ? null : password,
            Tls = isEncrypted ? new MqttTls(context.GetValue(_authority)) : null,
        };
        CheckTexts texts = Texts(context.GetValue(_language));
        MqttCheck check = new(options, context.GetValue(_webSocket) ?? WebSocketPort, needsWebSocket: context.GetValue(_webSocket) is not null, TimeProvider.System);
        bool isFine = true;
        context.Output.Data($"{options.Address}");
        await foreach (CheckResult result in check.RunAsync(cancellationToken))
        {
            context.Output.Data(texts.Line(result));
            isFine = result.IsFine;
        }

        context.Output.Data(isFine ? texts.Connected : texts.Failed);
        return isFine ? ExitCodes.Ok : ExitCodes.Failed;
    }

    /// <summary>A name of its own for a check.</summary>
    public static string ClientId() => string.Create(CultureInfo.InvariantCulture, $"essaim-check-{Environment.ProcessId}");

    private static CheckTexts Texts(string? language)
    {
        string wanted = language ?? s_languages.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => !string.IsNullOrEmpty(value)) ?? "";
        return wanted.StartsWith("fr", StringComparison.OrdinalIgnoreCase) ? CheckTexts.French : CheckTexts.English;
    }
}
