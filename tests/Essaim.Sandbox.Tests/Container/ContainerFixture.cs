namespace Essaim.Sandbox.Tests;

/// <summary>
/// podman with an image of this Debian's own Python, proven, beside the sandbox of the other tests and with the same secrets around it, one of them in
/// a neighbour's container. Where podman does not work these tests are skipped, but not in CI. ESSAIM_TEST_CONTAINER_COMMAND=docker has them run by docker.
/// </summary>
public sealed class ContainerFixture(SandboxFixture sandbox) : IAsyncLifetime
{
    internal static readonly string Command = Environment.GetEnvironmentVariable("ESSAIM_TEST_CONTAINER_COMMAND") is { Length: > 0 } named ? named : "podman";

    private ContainerExecutor? _executor;
    private ISandboxRun? _neighbour;
    private string? _missing;
    private string? _image;

    internal ContainerExecutor Executor
    {
        get
        {
            bool excused = _missing?.Contains("not hold", StringComparison.Ordinal) != true && Environment.GetEnvironmentVariable("CI") != "true";
            Assert.SkipWhen(_missing is not null && excused, _missing ?? "");
            Assert.True(_missing is null, _missing);
            return _executor!;
        }
    }

    /// <summary>The image's id.</summary>
    internal string Image => _image!;

    internal SandboxFixture Sandbox => sandbox;

    public async ValueTask InitializeAsync()
    {
        if (ToolChecks.Find(Command) is null)
        {
            _missing = $"{Command} is not installed.";
            return;
        }

        try
        {
            _image = await ImportAsync();
            _executor = ContainerExecutor.Open(sandbox.Executor.Options, new ContainerOptions(_image) { Command = Command }, TimeProvider.System);
            ExecutorProof proof = await _executor.ProveAsync(CancellationToken.None);
            _missing = proof.Holds ? null : string.Join(' ', proof.Missing);
        }
        catch (Exception absent) when (absent is SandboxException or IOException)
        {
            _missing = absent.Message;
        }

        if (_missing is null)
            _neighbour = await sandbox.StartNeighbourAsync(_executor!);
    }

    public async ValueTask DisposeAsync()
    {
        if (_neighbour is not null)
            await _neighbour.RemoveAsync(CancellationToken.None);
        if (_image is not null)
            await Tool.RunAsync(Command, "rmi", "--force", _image);
    }

    private static async Task<string> ImportAsync()
    {
        string script = Path.Combine(Tool.Sources, "../../tests/Essaim.Sandbox.Tests/Container/image.sh");
        // With a label of its own, so that two test runs at once do not take each other's image away.
        (int code, string id, string errors) = await Tool.RunAsync("sh", "-c", $"'{script}' | {Command} import --change 'LABEL run={Guid.NewGuid():N}' --change 'ENV ESSAIM_IMAGE=1' -");
        if (code != 0)
            throw new IOException($"The image cannot be made: {errors}");
        return id.Trim();
    }
}

[CollectionDefinition(Name)]
public sealed class ContainerTestGroup : ICollectionFixture<ContainerFixture>
{
    public const string Name = "containers";
}
