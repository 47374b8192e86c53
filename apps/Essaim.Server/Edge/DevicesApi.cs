using System.Text.Json;
using Essaim.Edge;
using Essaim.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server;

/// <summary>Devices: registered, revoked, configured, told to do something.</summary>
internal static class DevicesApi
{
    public static void MapDevices(this IEndpointRouteBuilder v1)
    {
        RouteGroupBuilder devices = v1.MapGroup("/devices").WithTags("Devices");
        devices.MapGet("/", ListAsync).WithName("list_devices").WithSummary("List devices with their presence").Produces<DeviceListView>().ProducesProblem(400);
        devices.MapPost("/", AddAsync).WithName("add_device").WithSummary("Register a device")
            .WithDescription("Its password is in the answer and nowhere else. The broker's files are written anew.")
            .Accepts<DeviceRequest>("application/json").Produces<NewDeviceView>(201).ProducesProblem(400).ProducesProblem(409).ProducesProblem(415).ProducesProblem(422);
        devices.MapDelete("/{id}", RevokeAsync).WithName("revoke_device").WithSummary("End a device's rights; its votes stay")
            .Produces(204).ProducesProblem(404);
        devices.MapPut("/{id}/config", ConfigureAsync).WithName("configure_device").WithSummary("Set what a device is to be like")
            .WithDescription("A JSON object: label, language (en or fr). The device says whether it applied it.")
            .Accepts<object>("application/json").Produces<DeviceView>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(415).ProducesProblem(422);
        devices.MapPost("/{id}/commands", CommandAsync).WithName("command_device").WithSummary("Tell a device to do something, within 30 s or not at all")
            .Accepts<CommandRequest>("application/json").Produces<CommandReceipt>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(415).ProducesProblem(422);
    }

    internal static async Task<DeviceListView> ReadAsync(IMetadataStore store, DeviceBoard board, CancellationToken cancellationToken)
    {
        IReadOnlyList<DeviceRecord> devices = await store.Edge.ListDevicesAsync(cancellationToken);
        return new DeviceListView([.. devices.Select(device => DeviceView.Of(device, board.Sight(device.Id)))], board.IsLinked, board.LinkError);
    }

    private static async Task<Ok<DeviceListView>> ListAsync(HttpContext context, IMetadataStore store, DeviceBoard board, CancellationToken cancellationToken)
    {
        new QueryReader(context.Request.Query).Finish();
        return TypedResults.Ok(await ReadAsync(store, board, cancellationToken));
    }

    private static async Task<IResult> AddAsync(HttpContext context, EdgeDesk desk, CancellationToken cancellationToken)
    {
        using JsonDocument body = RequestBody.Parse(await RequestBody.ReadAsync(context, cancellationToken));
        List<Mistake> mistakes = [];
        ObjectReader reader = new(body.RootElement, "$", mistakes);
        string? id = reader.Text("id", 1000, required: true);
        string? label = reader.Text("label", EdgeDesk.LongestLabel);
        reader.Finish();
        if (id is not null && EdgeDesk.WrongId(id) is { } wrong)
            reader.Fail("$.id", wrong);
        if (mistakes.Count > 0)
            return Problem.Invalid(mistakes);
        return await desk.AddDeviceAsync(id!, label, cancellationToken) is { } password
            ? TypedResults.Created($"/v1/devices/{id}", new NewDeviceView(id!, password))
            : Problem.Of(409, "ESS5040", "Device exists", $"There is a device '{id}' already. Revoke it first to give it a new password, or choose another id.");
    }

    private static async Task<IResult> RevokeAsync(string id, EdgeDesk desk, CancellationToken cancellationToken) =>
        await desk.RevokeDeviceAsync(id, cancellationToken) ? TypedResults.NoContent() : NoDevice(id);

    private static async Task<IResult> ConfigureAsync(string id, HttpContext context, EdgeDesk desk, DeviceBoard board, CancellationToken cancellationToken)
    {
        using JsonDocument body = RequestBody.Parse(await RequestBody.ReadAsync(context, cancellationToken));
        if (body.RootElement.ValueKind != JsonValueKind.Object)
            return Problem.Invalid([new Mistake("$", "must be an object")]);
        if (SlotConfig.TryRead(body.RootElement, out _) is { } wrong)
            return Problem.Invalid([new Mistake("$", wrong)]);
        return await desk.ConfigureDeviceAsync(id, body.RootElement, cancellationToken) is { } device ? TypedResults.Ok(DeviceView.Of(device, board.Sight(id))) : NoDevice(id);
    }

    private static async Task<IResult> CommandAsync(string id, HttpContext context, EdgeDesk desk, DeviceBoard board, CancellationToken cancellationToken)
    {
        using JsonDocument body = RequestBody.Parse(await RequestBody.ReadAsync(context, cancellationToken));
        List<Mistake> mistakes = [];
        ObjectReader reader = new(body.RootElement, "$", mistakes);
        string? name = reader.OneOf("name", [.. EdgeDesk.Commands]);
        reader.Finish();
        if (name is null && mistakes.Count == 0)
            reader.Fail("$.name", "is required");
        if (mistakes.Count > 0)
            return Problem.Invalid(mistakes);
        if (!board.IsRegistered(id))
            return NoDevice(id);
        return await desk.CommandAsync(id, name!, cancellationToken) is { } command
            ? TypedResults.Accepted((string?)null, new CommandReceipt(command))
            : Problem.Of(503, "ESS5043", "Broker not reached", $"The command was not sent: {board.LinkError ?? "the core has no broker of devices ('essaim up --mqtt HOST')."}");
    }

    private static ProblemHttpResult NoDevice(string id) => Problem.Of(404, "ESS5041", "No such device", $"There is no device '{id}'. GET /v1/devices lists those there are.");
}
