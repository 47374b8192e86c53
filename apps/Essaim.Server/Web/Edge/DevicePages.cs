using System.Text.Json;
using System.Text.Json.Nodes;
using Essaim.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server.Web;

/// <summary>A device: what is known of it, what it is told, how it is to be; adding and revoking.</summary>
internal static class DevicePages
{
    public static void MapDevicePages(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/edge/add-device", () => PageResult.Of<AddDeviceForm>());
        pages.MapPost("/edge/add-device", AddAsync);
        pages.MapGet("/edge/devices/{id}", ShowAsync);
        pages.MapGet("/edge/devices/{id}/live", (string id, LiveStream stream, EdgePictures pictures, CancellationToken stop) =>
            stream.RunAsync(async cancellationToken => Parts(await pictures.ReadAsync(cancellationToken), id), stop));
        pages.MapPost("/edge/devices/{id}/config", ConfigureAsync);
        pages.MapGet("/edge/devices/{id}/command/{name}", (string id, string name, EdgePictures pictures, CancellationToken stop) =>
            EdgeDesk.Commands.Contains(name) ? AskAsync<CommandForm>(id, name, pictures, stop) : Task.FromResult<IResult>(TypedResults.NotFound()));
        pages.MapPost("/edge/devices/{id}/command/{name}", CommandAsync);
        pages.MapGet("/edge/devices/{id}/revoke", (string id, EdgePictures pictures, CancellationToken stop) => AskAsync<RevokeDeviceForm>(id, null, pictures, stop));
        pages.MapPost("/edge/devices/{id}/revoke", RevokeAsync);
    }

    internal static string Address(string id) => $"/edge/devices/{id}";

    private static async Task<DeviceModel?> ReadAsync(string id, EdgePictures pictures, CancellationToken cancellationToken)
    {
        EdgePicture picture = await pictures.ReadAsync(cancellationToken);
        return picture.Devices.FirstOrDefault(device => device.Id == id) is { } device ? new DeviceModel { Picture = picture, Device = device } : null;
    }

    private static async Task<IResult> ShowAsync(string id, EdgePictures pictures, CancellationToken stop) =>
        await ReadAsync(id, pictures, stop) is { } model ? PageResult.Of<DevicePage>(new { Model = model }) : NoDevice(id);

    private static IReadOnlyList<LivePart> Parts(EdgePicture picture, string id) =>
        picture.Devices.FirstOrDefault(device => device.Id == id) is { } device
            ? [EdgePages.Count(picture), LivePart.Of<DeviceFacts>("facts", device + picture.IsLinked.ToString(), new { Model = new DeviceModel { Picture = picture, Device = device } })]
            : [EdgePages.Count(picture)];

    private static async Task<IResult> AddAsync(HttpContext context, Texts texts, EdgeDesk desk)
    {
        IFormCollection form = await context.Request.ReadFormAsync(context.RequestAborted);
        (string id, string label) = (form["id"].ToString().Trim(), form["label"].ToString().Trim());
        string? mistake = EdgeDesk.WrongId(id) is not null ? texts["device.id-wrong"].Value : label.Length > EdgeDesk.LongestLabel ? texts["device.label-long", EdgeDesk.LongestLabel].Value : null;
        string? password = null;
        if (mistake is null && (password = await desk.AddDeviceAsync(id, label.Length > 0 ? label : null, context.RequestAborted)) is null)
            mistake = texts["device.exists", id];
        return password is null
            ? PageResult.Of<AddDeviceForm>(new { Id = id, Label = label, Mistake = mistake }, 422)
            : PageResult.Of<NewDevice>(new { Id = id, Password = password });
    }

    private static async Task<IResult> ConfigureAsync(string id, HttpContext context, Visit visit, Texts texts, EdgeDesk desk, EdgePictures pictures)
    {
        if (await ReadAsync(id, pictures, context.RequestAborted) is not { } model)
            return NoDevice(id);
        IFormCollection form = await context.Request.ReadFormAsync(context.RequestAborted);
        // What the pages have no field for stays as it was set over the API.
        JsonObject config = JsonNode.Parse(model.Device.Config)!.AsObject();
        Set(config, "label", form["label"].ToString().Trim());
        Set(config, "language", form["language"].ToString());
        using JsonDocument document = JsonDocument.Parse(config.ToJsonString(ApiJson.Options));
        if (SlotConfig.TryRead(document.RootElement, out SlotConfig wish) is { } mistake)
            return PageResult.Of<DevicePage>(new { Model = model with { Wish = wish, Mistake = mistake } }, 422);
        return await desk.ConfigureDeviceAsync(id, document.RootElement, context.RequestAborted) is { } device
            ? Done.With(context, visit, Address(id), texts["device.configured", device.ConfigVersion])
            : NoDevice(id);
    }

    private static void Set(JsonObject config, string name, string value)
    {
        if (value.Length > 0)
            config[name] = value;
        else
            config.Remove(name);
    }

    private static async Task<IResult> CommandAsync(string id, string name, HttpContext context, Visit visit, Texts texts, EdgeDesk desk, DeviceBoard board, EdgePictures pictures)
    {
        if (await ReadAsync(id, pictures, context.RequestAborted) is not { } model)
            return NoDevice(id);
        if (!EdgeDesk.Commands.Contains(name))
            return TypedResults.NotFound();
        return await desk.CommandAsync(id, name, context.RequestAborted) is not null
            ? Done.With(context, visit, Address(id), texts["device.told", model.Device.Name])
            : PageResult.Of<CommandForm>(new { Device = model.Device, Name = name, Mistake = texts["device.untold", board.LinkError ?? texts["broker.none"].Value].Value }, 503);
    }

    private static async Task<IResult> RevokeAsync(string id, HttpContext context, Visit visit, Texts texts, EdgeDesk desk) =>
        await desk.RevokeDeviceAsync(id, context.RequestAborted) ? Done.With(context, visit, "/edge", texts["device.revoked", id]) : NoDevice(id);

    private static async Task<IResult> AskAsync<T>(string id, string? name, EdgePictures pictures, CancellationToken cancellationToken)
        where T : Microsoft.AspNetCore.Components.IComponent
    {
        if (await ReadAsync(id, pictures, cancellationToken) is not { } model)
            return NoDevice(id);
        return name is null ? PageResult.Of<T>(new { Device = model.Device }) : PageResult.Of<T>(new { Device = model.Device, Name = name });
    }

    private static PageResult NoDevice(string id) => PageResult.Of<ErrorPage>(new { Title = "error.no-device", Detail = id }, 404);
}

/// <summary>One device.</summary>
public sealed record DeviceModel
{
    internal EdgePicture Picture { get; init; } = null!;

    internal DeviceLine Device { get; init; } = null!;

    /// <summary>What it is to be like, or what was typed.</summary>
    internal SlotConfig Wish
    {
        get
        {
            if (field is null)
            {
                using JsonDocument config = JsonDocument.Parse(Device.Config);
                _ = SlotConfig.TryRead(config.RootElement, out SlotConfig wish);
                field = wish;
            }

            return field;
        }

        init;
    }

    internal string? Mistake { get; init; }
}
