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
    private const int LongestLabel = 64;

    /// <summary>There is one admin key, so there is one name for who holds it.</summary>
    internal const string By = "admin";

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

    private static async Task<IResult> AddAsync(HttpContext context, IMetadataStore store, DeviceHub hub, TimeProvider time, CancellationToken cancellationToken)
    {
        using JsonDocument body = RequestBody.Parse(await RequestBody.ReadAsync(context, cancellationToken));
        List<Mistake> mistakes = [];
        ObjectReader reader = new(body.RootElement, "$", mistakes);
        string? id = reader.Text("id", 1000, required: true);
        string? label = reader.Text("label", LongestLabel);
        reader.Finish();
        if (id is not null && !EdgeTopics.IsSlotId(id))
            reader.Fail("$.id", $"must be 1 to 32 of a-z, 0-9 and -, not '{id}'");
        if (id is MosquittoFiles.CoreUser)
            reader.Fail("$.id", $"must not be '{id}', which is the core's own user");
        if (mistakes.Count > 0)
            return Problem.Invalid(mistakes);
        string password = MosquittoFiles.NewPassword();
        if (!await store.Edge.AddDeviceAsync(id!, label, MosquittoFiles.Hash(password), By, time.GetUtcNow(), cancellationToken))
            return Problem.Of(409, "ESS5040", "Device exists", $"There is a device '{id}' already. Revoke it first to give it a new password, or choose another id.");
        // Registered is registered: what follows is not left half done because a client went away.
        await hub.RefreshAsync(CancellationToken.None);
        return TypedResults.Created($"/v1/devices/{id}", new NewDeviceView(id!, password));
    }

    private static async Task<IResult> RevokeAsync(string id, IMetadataStore store, DeviceHub hub, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!await store.Edge.RevokeDeviceAsync(id, By, time.GetUtcNow(), cancellationToken))
            return NoDevice(id);
        await hub.RefreshAsync(CancellationToken.None);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> ConfigureAsync(
        string id, HttpContext context, IMetadataStore store, DeviceHub hub, DeviceBoard board, TimeProvider time, CancellationToken cancellationToken)
    {
        using JsonDocument body = RequestBody.Parse(await RequestBody.ReadAsync(context, cancellationToken));
        if (body.RootElement.ValueKind != JsonValueKind.Object)
            return Problem.Invalid([new Mistake("$", "must be an object")]);
        if (SlotConfig.TryRead(body.RootElement, out _) is { } wrong)
            return Problem.Invalid([new Mistake("$", wrong)]);
        if (await store.Edge.SetConfigAsync(id, body.RootElement.GetRawText(), By, time.GetUtcNow(), cancellationToken) is null)
            return NoDevice(id);
        DeviceRecord device = (await store.Edge.ListDevicesAsync(CancellationToken.None)).First(device => device.Id == id);
        await hub.TellAsync(device, CancellationToken.None);
        board.Changed();
        return TypedResults.Ok(DeviceView.Of(device, board.Sight(id)));
    }

    private static async Task<IResult> CommandAsync(string id, HttpContext context, DeviceHub hub, DeviceBoard board, CancellationToken cancellationToken)
    {
        using JsonDocument body = RequestBody.Parse(await RequestBody.ReadAsync(context, cancellationToken));
        List<Mistake> mistakes = [];
        ObjectReader reader = new(body.RootElement, "$", mistakes);
        string? name = reader.OneOf("name", "identify", "restart", "reboot");
        reader.Finish();
        if (name is null && mistakes.Count == 0)
            reader.Fail("$.name", "is required");
        if (mistakes.Count > 0)
            return Problem.Invalid(mistakes);
        if (!board.IsRegistered(id))
            return NoDevice(id);
        SlotCommand command = hub.NewCommand(name!);
        return await hub.CommandAsync(id, command, cancellationToken)
            ? TypedResults.Accepted((string?)null, new CommandReceipt(command.Id))
            : Problem.Of(503, "ESS5043", "Broker not reached", $"The command was not sent: {board.LinkError ?? "the core has no broker of devices ('essaim up --mqtt HOST')."}");
    }

    private static ProblemHttpResult NoDevice(string id) => Problem.Of(404, "ESS5041", "No such device", $"There is no device '{id}'. GET /v1/devices lists those there are.");
}
