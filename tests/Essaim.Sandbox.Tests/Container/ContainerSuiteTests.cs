namespace Essaim.Sandbox.Tests;

/// <summary>The hostile suite in podman's containers: contained means the same.</summary>
[Collection(ContainerTestGroup.Name)]
public sealed class ContainerHostileTests(ContainerFixture containers) : HostileSuite(containers.Sandbox)
{
    internal override IHeldExecutor Executor { get; } = containers.Executor;

    protected override IReadOnlyList<string> Own => ["/etc/hostname", "/run", "/sys", "mqueue", "ESSAIM_IMAGE"];
}

/// <summary>The ordinary programs in podman's containers.</summary>
[Collection(ContainerTestGroup.Name)]
public sealed class ContainerOrdinaryTests(ContainerFixture containers) : OrdinarySuite
{
    internal override IHeldExecutor Executor { get; } = containers.Executor;
}

/// <summary>How runs end in podman's containers.</summary>
[Collection(ContainerTestGroup.Name)]
public sealed class ContainerEndTests(ContainerFixture containers) : EndSuite
{
    internal override IHeldExecutor Executor { get; } = containers.Executor;
}
