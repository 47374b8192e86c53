using EscapeRoom;
using Essaim;

EssaimAppBuilder builder = EssaimApp.CreateBuilder(args.Length == 0 ? ["play"] : args);
builder.Name = "EscapeRoom";
// The core sends it when a round has closed; a worker of this program runs it.
builder.AddTask(Verdict.TaskName, Verdict.Of);
builder.AddCommand<PlayCommand>();
return await builder.Build().RunAsync();
