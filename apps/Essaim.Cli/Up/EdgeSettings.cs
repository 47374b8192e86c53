using System.CommandLine;
using System.Globalization;
using Essaim.Server;

namespace Essaim.Cli;

/// <summary>Options of <c>up</c> for devices.</summary>
internal sealed class EdgeSettings
{
    private readonly Option<string?> _broker = new("--mqtt") { HelpName = "HOST[:PORT]", Description = "MQTT broker of devices; without it nobody is heard [default port: 1883]" };
    private readonly Option<string?> _authority = new("--mqtt-ca-file") { HelpName = "FILE", Description = "PEM file of the authority of its certificate; turns TLS on" };
    private readonly Option<string?> _folder = new("--mqtt-folder") { HelpName = "FOLDER", Description = "Where its password file and access list are written [default: mosquitto in the data folder]" };
    private readonly Option<string?> _pidFile = new("--mqtt-pid-file") { HelpName = "FILE", Description = "Its pid_file: told by SIGHUP when its files have changed" };
    private readonly Option<int?> _expected = new("--expected-votes") { HelpName = "N", Description = "Votes a round waits for [default: NIGHT_EXPECTED_VOTES, else 9]" };

    private readonly Option<string?> _task = new("--round-task") { HelpName = "NAME", Description = "Task to send, with the votes, for each round that closes [default: NIGHT_TASK, else none]" };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_broker, _authority, _folder, _pidFile, _expected, _task])
            command.Add(option);
    }

    /// <summary>The broker, or null without one.</summary>
    /// <exception cref="AppException"><c>ESS4044</c>.</exception>
    public EdgeOptions? Read(CommandContext context)
    {
        if (context.GetValue(_broker) is not { } broker)
            return null;
        EdgeOptions options = new()
        {
            AuthorityFile = context.GetValue(_authority),
            BrokerFolder = context.GetValue(_folder),
            BrokerPidFile = context.GetValue(_pidFile),
            ExpectedVotes = context.GetValue(_expected) ?? Expected(),
            RoundTask = context.GetValue(_task) ?? (Environment.GetEnvironmentVariable("NIGHT_TASK") is { Length: > 0 } task ? task : null),
            Port = context.GetValue(_authority) is null ? 1883 : 8883,
        };
        int colon = broker.LastIndexOf(':');
        bool hasPort = colon >= 0 && broker.IndexOf(':', StringComparison.Ordinal) == colon;
        options.Host = hasPort ? broker[..colon] : broker;
        if (hasPort)
            options.Port = int.TryParse(broker[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and < 65536 ? port : 0;
        if (options.Host.Length == 0 || options.Port == 0 || options.ExpectedVotes < 1)
            throw new AppException("ESS4044", $"'{broker}' is no HOST or HOST:PORT to find a broker at, or fewer than one vote is expected ({options.ExpectedVotes}). Write --mqtt 127.0.0.1:1883.");
        return options;
    }

    private static int Expected()
    {
        string? text = Environment.GetEnvironmentVariable("NIGHT_EXPECTED_VOTES");
        if (string.IsNullOrEmpty(text))
            return new EdgeOptions().ExpectedVotes;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int expected)
            ? expected
            : throw new AppException("ESS4044", $"NIGHT_EXPECTED_VOTES is '{text}', which is no number. Set it to the votes a round waits for, such as 9.");
    }
}
