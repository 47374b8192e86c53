using Essaim.Protocol;
using Essaim.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Essaim.Tests.Tasks;

/// <summary>The first lines a user writes, as the documentation shows them.</summary>
public sealed class FirstLinesTests
{
    [TaskName("mail.send_welcome")]
    public sealed record SendWelcome(string To, string Locale = "en") : ITaskArgs<MailReceipt>;

    public sealed record MailReceipt(string MessageId);

    public interface IMailer
    {
        Task<MailReceipt> SendAsync(string to, string locale, CancellationToken stop);
    }

    public sealed class SendWelcomeHandler(IMailer mailer) : ITaskHandler<SendWelcome, MailReceipt>
    {
        public Task<MailReceipt> HandleAsync(SendWelcome args, TaskContext context, CancellationToken stop) =>
            mailer.SendAsync(args.To, args.Locale, stop);
    }

    private sealed class FakeMailer : IMailer
    {
        public Task<MailReceipt> SendAsync(string to, string locale, CancellationToken stop) => Task.FromResult(new MailReceipt($"{to}/{locale}"));
    }

    [Fact]
    public async Task BothFormsOfTasks_AreDefinedSentAndRead()
    {
        await using TaskTestHost host = new(services =>
        {
            services.AddSingleton<IMailer, FakeMailer>();
            services.AddHandler<SendWelcomeHandler>();
            services.AddTask("tasks.add", (int x, int y) => x + y);
        });
        TaskClient client = host.Client;
        using CancellationTokenSource done = new();
        Task working = WorkAsync(host, done.Token);

        TaskHandle<MailReceipt> handle = await client.EnqueueAsync(new SendWelcome("ada@example.com"));
        MailReceipt receipt = await handle.GetResultAsync();
        int sum = await client.CallAsync<int>("tasks.add", [2, 3]);
        MailReceipt french = await client.CallAsync(new SendWelcome("bob@example.com", "fr"));

        await done.CancelAsync();
        await working;
        Assert.Equal(new MailReceipt("ada@example.com/en"), receipt);
        Assert.Equal(5, sum);
        Assert.Equal(new MailReceipt("bob@example.com/fr"), french);
        Assert.Equal("""{"to":"ada@example.com","locale":"en"}""", host.Enqueued[0].Body.Kwargs.ToString());
    }

    [Fact]
    public async Task Client_FromAUrl_OpensTheBackendOnFirstUse()
    {
        await using TaskClient client = new($"memory:{Guid.NewGuid():N}");

        TaskHandle handle = await client.SendAsync("tasks.add", [2, 3], cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(TaskState.Pending, await handle.GetStateAsync(TestContext.Current.CancellationToken));
        IBackend backend = await client.GetBackendAsync(TestContext.Current.CancellationToken);
        Assert.Equal(MessagePlace.Ready, (await backend.Broker.FindAsync(handle.Id, TestContext.Current.CancellationToken))!.Place);
    }

    private static async Task WorkAsync(TaskTestHost host, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            await host.Worker.RunUntilIdleAsync(CancellationToken.None);
            await Task.Yield();
        }
    }
}
