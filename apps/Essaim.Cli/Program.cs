using Essaim;
using Essaim.Cli;

EssaimAppBuilder app = EssaimApp.CreateBuilder(args);
app.Name = "essaim";
app.AddCommand<UpCommand>();
app.AddCommand<TasksCommand>();
app.AddCommand<RunCommand>();
app.AddCommand<LogsCommand>();
app.AddCommand<ArtifactsCommand>();
app.AddCommand<SlotCommand>();
app.AddCommand<MqttCommand>();
app.AddCommand<DeviceCommand>();
app.AddDoctorPart<EdgeDoctor>();
DemoTasks.AddTo(app);
FunctionTask.AddTo(app);
return await app.Build().RunAsync();
