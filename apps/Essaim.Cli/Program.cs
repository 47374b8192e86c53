using Essaim;
using Essaim.Cli;

EssaimAppBuilder app = EssaimApp.CreateBuilder(args);
app.Name = "essaim";
app.AddCommand(new UpCommand());
app.AddCommand(new TasksCommand());
DemoTasks.AddTo(app);
return await app.Build().RunAsync();
