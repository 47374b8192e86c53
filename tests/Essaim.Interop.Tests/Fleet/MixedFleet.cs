namespace Essaim.Interop.Tests;

/// <summary>The usual fleet of a test class: a Python worker on queue <c>py</c>, an Essaim worker on queue <c>net</c>.</summary>
public sealed class MixedFleet : IAsyncLifetime
{
    public const string PythonNode = "py@test";
    public const string EssaimNode = "net@test";
    private TestFleet? _fleet;

    internal TestFleet Fleet => _fleet ?? throw new InvalidOperationException(Installed.Missing);

    internal PythonClient Python => Fleet.Python;

    internal TaskClient Client => Fleet.Client;

    public async ValueTask InitializeAsync()
    {
        if (!Installed.IsUsable)
            return;
        _fleet = await TestFleet.StartAsync();
        try
        {
            await Task.WhenAll(_fleet.StartPythonWorkerAsync("py", PythonNode), _fleet.StartEssaimWorkerAsync("net", EssaimNode));
        }
        catch
        {
            // A fixture that did not start is not disposed by the runner.
            await _fleet.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_fleet is not null)
            await _fleet.DisposeAsync();
    }
}
