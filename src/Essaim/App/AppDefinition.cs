using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;

namespace Essaim;

/// <summary>What a program said of itself before it was built.</summary>
internal sealed record AppDefinition
{
    /// <summary>Where a broker is made when nobody names one.</summary>
    public const string FallbackBroker = "sqlite:.essaim/essaim.db";

    public required string Name { get; init; }

    public required string[] Args { get; init; }

    public required IServiceCollection Services { get; init; }

    public required WorkerOptions Worker { get; init; }

    public required IReadOnlyDictionary<string, ScheduleDefinition> Schedules { get; init; }

    public required IReadOnlyList<Func<Command>> Commands { get; init; }

    /// <summary>What it adds to <c>doctor</c>.</summary>
    public IReadOnlyList<Func<IDoctorPart>> DoctorParts { get; init; } = [];

    public required string? Broker { get; init; }

    /// <summary>Queues the program defines.</summary>
    public required IReadOnlyList<QueueDefinition> Queues { get; init; }

    /// <summary>The configuration it publishes beside them; null: none.</summary>
    public required FleetDeclaration? Fleet { get; init; }

    /// <summary>Options and duties of its workers.</summary>
    public IReadOnlyList<IWorkerAddition> WorkerAdditions { get; init; } = [];

    /// <summary>The broker by rank: the command line, the environment, the program, a file in this folder.</summary>
    public string ChooseBroker(string? fromCommandLine) =>
        fromCommandLine ?? NotEmpty(Environment.GetEnvironmentVariable("ESSAIM_BROKER")) ?? Broker ?? FallbackBroker;

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}

/// <summary>A configuration declared in C#.</summary>
internal sealed record FleetDeclaration(long Revision, IReadOnlyDictionary<string, string> Routes, IReadOnlyDictionary<string, object?> Settings);
