using System.CommandLine;

namespace Essaim.Tests.App;

public sealed class EssaimAppTests
{
    [Fact]
    public async Task Run_CommandOfTheProgram_GetsItsArgumentsAndBroker()
    {
        EssaimAppBuilder app = EssaimApp.CreateBuilder(["measure", "here", "--broker", "memory:app-test"]);
        MeasureCommand command = new();
        app.AddCommand(command);
        app.AddTask("tasks.add", (int x, int y) => x + y);
        Assert.Equal(42, await app.Build().RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal("here memory:app-test", command.Seen);
    }

    [Fact]
    public async Task Run_CommandByType_IsMadeOnlyWhereItIsAskedFor()
    {
        CountedCommand.Made = 0;
        EssaimAppBuilder worker = EssaimApp.CreateBuilder(["worker", "--help"]);
        worker.AddCommand<CountedCommand>();
        Assert.Equal(ExitCodes.Ok, await worker.Build().RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, CountedCommand.Made);

        EssaimAppBuilder app = EssaimApp.CreateBuilder(["counted"]);
        app.AddCommand<CountedCommand>();
        Assert.Equal(7, await app.Build().RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1, CountedCommand.Made);
    }

    [Fact]
    public async Task Run_CommandThatFails_BecomesAnExitCode()
    {
        EssaimAppBuilder app = EssaimApp.CreateBuilder(["measure", "there"]);
        app.AddCommand(new MeasureCommand { Error = new AppException("ESS4002", "No.", ExitCodes.NotFound) });
        Assert.Equal(ExitCodes.NotFound, await app.Build().RunAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void ChooseBroker_ByRank_PrefersTheCommandLine()
    {
        AppDefinition definition = new()
        {
            Name = "x",
            Args = [],
            Services = new Microsoft.Extensions.DependencyInjection.ServiceCollection(),
            Worker = new WorkerOptions(),
            Schedules = new Dictionary<string, ScheduleDefinition>(),
            Commands = [],
            Queues = [],
            Fleet = null,
            Broker = "memory:program",
        };
        Assert.Equal("memory:line", definition.ChooseBroker("memory:line"));
        Assert.Equal("memory:program", definition.ChooseBroker(null));
        Assert.Equal("sqlite:.essaim/essaim.db", (definition with { Broker = null }).ChooseBroker(null));
    }

    private sealed class CountedCommand : AppCommand
    {
        public CountedCommand()
            : base("counted", "Is counted.") => Made++;

        public static int Made { get; set; }

        protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken) => Task.FromResult(7);
    }

    private sealed class MeasureCommand : AppCommand
    {
        private readonly Argument<string> _place = new("PLACE");

        public MeasureCommand()
            : base("measure", "Measures.") => Add(_place);

        public Exception? Error { get; init; }

        public string? Seen { get; private set; }

        protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
        {
            Seen = $"{context.GetValue(_place)} {context.BrokerUrl}";
            return Error is null ? Task.FromResult(42) : throw Error;
        }
    }
}
