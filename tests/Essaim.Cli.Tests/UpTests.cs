using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace Essaim.Cli.Tests;

public sealed partial class UpTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Up_FirstAndSecondStart_AnswerTasksAndKeepEverything()
    {
        string key;
        await using (CliRun up = CliRun.Start(_folder.Path, "up", "--url", "http://127.0.0.1:0"))
        {
            await up.WaitForErrorsAsync("Ctrl-C stops it.");
            string url = Address().Match(up.Errors).Value;
            Assert.Equal(
                $$"""
                Essaim is up at {{url}}
                  page       {{url}}/edge
                  data       {{_folder[".essaim"]}}
                  admin key  {{_folder[".essaim/admin.key"]}}
                  worker     celery@{{Environment.MachineName}}
                Try it in another terminal:
                  essaim call demo.add 2 3
                  curl -s {{url}}/v1/tasks -H "Authorization: Bearer $(cat {{_folder[".essaim/admin.key"]}})" -H 'Content-Type: application/json' -d '{"name": "demo.add", "args": [2, 3]}'
                Ctrl-C stops it.

                """,
                up.Errors);
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder[".essaim/admin.key"]));
            Assert.Equal(new CliResult(ExitCodes.Ok, "5\n", ""), await RunAsync("call", "demo.add", "2", "3", "--id", "first"));
            key = await File.ReadAllTextAsync(_folder[".essaim/admin.key"], TestContext.Current.CancellationToken);
            await up.SignalAsync("INT");
            Assert.Equal((ExitCodes.Ok, ""), ((await up.EndAsync()).ExitCode, (await up.EndAsync()).Output));
        }

        Assert.False(File.Exists(_folder[".essaim/core.json"]));
        await using CliRun again = CliRun.Start(_folder.Path, "up", "--url", "http://127.0.0.1:0");
        await again.WaitForErrorsAsync("Ctrl-C stops it.");
        Assert.Equal(key, await File.ReadAllTextAsync(_folder[".essaim/admin.key"], TestContext.Current.CancellationToken));
        Assert.Equal(new CliResult(ExitCodes.Ok, "5\n", ""), await RunAsync("result", "first"));
        using (JsonDocument tasks = JsonDocument.Parse((await RunAsync("tasks", "--format", "json")).Output))
            Assert.Equal("first", tasks.RootElement[0].GetProperty("id").GetString());
        Assert.Contains("state        SUCCESS\n", (await RunAsync("tasks", "show", "first")).Output, StringComparison.Ordinal);
        CliResult cancelled = await RunAsync("tasks", "cancel", "nobody");
        Assert.Equal((ExitCodes.NotFound, ""), (cancelled.ExitCode, cancelled.Output));

        CliResult second = await RunAsync("up", "--url", "http://127.0.0.1:0");
        Assert.Equal(
            new CliResult(
                ExitCodes.Unusable, "",
                $"essaim: ESS4011: Another 'essaim up' runs on the folder '{_folder[".essaim"]}': process {again.Id}, at {Address().Match(again.Errors).Value}. Use that one, stop it, or give another folder with --data.\n"),
            second);
        await again.SignalAsync("TERM");
        Assert.Equal(ExitCodes.Ok, (await again.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Up_TakenPort_SaysSoAndLeavesNothing()
    {
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;
        CliResult up = await RunAsync("up", "--url", $"http://127.0.0.1:{port}", "--data", "a/b");
        Assert.Equal(
            new CliResult(
                ExitCodes.Unusable, "",
                $"essaim: ESS5003: The core cannot listen on 127.0.0.1:{port} (Address already in use). Is it running already? Stop the other program, or choose another port.\n"),
            up);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Up_FolderThatCannotBe_SaysSo()
    {
        await File.WriteAllTextAsync(_folder["file"], "", TestContext.Current.CancellationToken);
        CliResult up = await RunAsync("up", "--url", "http://127.0.0.1:0", "--data", "file/data");
        Assert.Equal((ExitCodes.Unusable, ""), (up.ExitCode, up.Output));
        Assert.StartsWith($"essaim: ESS4012: The data folder '{_folder["file/data"]}' cannot be written to: ", up.Errors, StringComparison.Ordinal);
        Assert.EndsWith(" Check who owns it, or give another with --data.\n", up.Errors, StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("essaim.db")]
    [InlineData("metadata.db")]
    public async Task Up_DamagedDatabase_SaysSoAndTouchesNothing(string name)
    {
        Directory.CreateDirectory(_folder[".essaim"]);
        string database = _folder[Path.Combine(".essaim", name)];
        await File.WriteAllTextAsync(database, new string('x', 10_000), TestContext.Current.CancellationToken);
        await ExpectRefusalAsync(database, name);
        Assert.Equal([database], Directory.EnumerateFileSystemEntries(_folder[".essaim"]));
        Assert.Equal(10_000, new FileInfo(database).Length);
    }

    [Theory]
    [InlineData("essaim.db", "UPDATE meta SET value = 99 WHERE key = 'schema_version'")]
    [InlineData("metadata.db", "PRAGMA user_version = 99")]
    public async Task Up_NewerDatabase_SaysSoAndStartsNothing(string name, string change)
    {
        await using (CliRun up = CliRun.Start(_folder.Path, "up", "--url", "http://127.0.0.1:0", "--no-worker"))
        {
            await up.WaitForErrorsAsync("Ctrl-C stops it.");
            await up.SignalAsync("INT");
            Assert.Equal(ExitCodes.Ok, (await up.EndAsync()).ExitCode);
        }

        string database = _folder[Path.Combine(".essaim", name)];
        await using (SqliteConnection connection = new($"Data Source={database};Pooling=False"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using SqliteCommand command = connection.CreateCommand();
            command.CommandText = change;
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        Assert.Contains("newer", await ExpectRefusalAsync(database, name), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tasks_NoCoreHere_SaysHowToGetOne() => Assert.Equal(
        new CliResult(
            ExitCodes.Unusable, "",
            $"essaim: ESS4013: No core runs on the folder '{_folder[".essaim"]}'. Start it with 'essaim up', or name the folder of a running one with --data.\n"),
        await RunAsync("tasks"));

    /// <summary>One line that names the file, as approved, and exit code 2.</summary>
    private async Task<string> ExpectRefusalAsync(string database, string name, [CallerMemberName] string test = "")
    {
        CliResult up = await RunAsync("up", "--url", "http://127.0.0.1:0");
        Assert.Equal((ExitCodes.Unusable, "", 1), (up.ExitCode, up.Output, up.Errors.Count(character => character == '\n')));
        Approval.Check($"{test}-{name}", up.Errors.Replace(Path.GetDirectoryName(database)!, "FOLDER", StringComparison.Ordinal));
        return up.Errors;
    }

    private Task<CliResult> RunAsync(params string[] args) => CliRun.RunAsync(_folder.Path, args);

    [GeneratedRegex("http://127.0.0.1:[0-9]+")]
    private static partial Regex Address();
}
