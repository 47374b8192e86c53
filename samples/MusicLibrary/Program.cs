using Essaim;
using MusicLibrary;

EssaimAppBuilder builder = EssaimApp.CreateBuilder(args);
builder.Name = "MusicLibrary";
Queues.Register(builder);
// A killed worker's files are taken up again after this; ffmpeg's work is renewed long before.
builder.Worker.Lease = TimeSpan.FromSeconds(6);
builder.UseBroker($"sqlite:{Path.Combine(Path.GetFullPath(DataFolder.From(args)), "queue.db")}");
builder.AddCommand<ScanCommand>();
builder.AddCommand<SimilarCommand>();
using CancellationTokenSource stop = new();
if (Environment.GetEnvironmentVariable(LocalWorker.AttachedVariable) == "1" && args is ["worker", ..])
    StandardInputEnd.Watch(stop);
return await builder.Build().RunAsync(stop.Token);
