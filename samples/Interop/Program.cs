using Essaim;
using Interop;

// A worker beside Python Celery workers: the same task names, the same queues, the same Redis.
EssaimAppBuilder app = EssaimApp.CreateBuilder(args);
InteropSettings.FromEnvironment().ApplyTo(app);
InteropTasks.AddTo(app);
app.AddCommand(new CanvasCommand());
return await app.Build().RunAsync();
