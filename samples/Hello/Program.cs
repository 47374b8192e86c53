using Essaim;

var app = EssaimApp.CreateBuilder(args);                  // gives the program the verbs worker, send, call, result, queues…
app.AddHandler<SendWelcomeHandler>();
app.AddTask("tasks.add", (int x, int y) => x + y);        // the short form
return await app.Build().RunAsync();                      // dotnet run -- worker --autoscale 4,1

[TaskName("mail.send_welcome")]                           // wire name, the same in every language
public sealed record SendWelcome(string To, string Locale = "en") : ITaskArgs<MailReceipt>;
public sealed record MailReceipt(string MessageId);

public sealed class SendWelcomeHandler : ITaskHandler<SendWelcome, MailReceipt>
{
    public Task<MailReceipt> HandleAsync(SendWelcome args, TaskContext context, CancellationToken stop) =>
        Task.FromResult(new MailReceipt($"<{context.Id}@example.com>"));
}
