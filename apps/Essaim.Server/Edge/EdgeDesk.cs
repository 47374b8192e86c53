using System.Text.Json;
using Essaim.Edge;
using Essaim.Storage;

namespace Essaim.Server;

/// <summary>What can be done to devices and rounds, for the API and the pages alike: kept first, then told to those it concerns.</summary>
internal sealed class EdgeDesk(IMetadataStore store, DeviceHub hub, DeviceBoard board, EdgeOptions options, TimeProvider time)
{
    public const int MostExpected = 100_000;
    public const int LongestText = 500;
    public const int LongestLabel = 64;

    /// <summary>There is one admin key, so there is one name for who holds it.</summary>
    public const string By = "admin";

    public static IReadOnlyList<string> Commands { get; } = ["identify", "restart", "reboot"];

    /// <summary>What is wrong with an id; null where nothing is.</summary>
    public static string? WrongId(string id) => id switch
    {
        MosquittoFiles.CoreUser => $"must not be '{id}', which is the core's own user",
        _ when !EdgeTopics.IsSlotId(id) => $"must be 1 to 32 of a-z, 0-9 and -, not '{id}'",
        _ => null,
    };

    /// <summary>Registers a device; its password, or null where there is one of this id.</summary>
    public async Task<string?> AddDeviceAsync(string id, string? label, CancellationToken cancellationToken)
    {
        string password = MosquittoFiles.NewPassword();
        if (!await store.Edge.AddDeviceAsync(id, label, MosquittoFiles.Hash(password), By, time.GetUtcNow(), cancellationToken))
            return null;
        // Registered is registered: what follows is not left half done because a client went away.
        await hub.RefreshAsync(CancellationToken.None);
        return password;
    }

    /// <summary>Ends a device's rights; false where there is none.</summary>
    public async Task<bool> RevokeDeviceAsync(string id, CancellationToken cancellationToken)
    {
        if (!await store.Edge.RevokeDeviceAsync(id, By, time.GetUtcNow(), cancellationToken))
            return false;
        await hub.RefreshAsync(CancellationToken.None);
        return true;
    }

    /// <summary>Sets what a device is to be like; null where there is none. The configuration was checked.</summary>
    public async Task<DeviceRecord?> ConfigureDeviceAsync(string id, JsonElement config, CancellationToken cancellationToken)
    {
        if (await store.Edge.SetConfigAsync(id, config.GetRawText(), By, time.GetUtcNow(), cancellationToken) is null)
            return null;
        DeviceRecord device = (await store.Edge.ListDevicesAsync(CancellationToken.None)).First(device => device.Id == id);
        await hub.TellAsync(device, CancellationToken.None);
        board.Changed();
        return device;
    }

    /// <summary>Tells a device to do something; the command's id, or null where the broker cannot be reached.</summary>
    public async Task<string?> CommandAsync(string id, string name, CancellationToken cancellationToken)
    {
        SlotCommand command = hub.NewCommand(name);
        return await hub.CommandAsync(id, command, cancellationToken) ? command.Id : null;
    }

    /// <summary>Opens a round, by default for as many votes as the core expects; null where one is open.</summary>
    public async Task<RoundRecord?> OpenRoundAsync(int? expected, string? question, CancellationToken cancellationToken) =>
        await ToldAsync(await store.Edge.OpenRoundAsync(expected ?? options.ExpectedVotes, question, By, time.GetUtcNow(), cancellationToken));

    /// <summary>Closes a round before its votes are in; null where it is not open.</summary>
    public async Task<RoundRecord?> CloseRoundAsync(long id, CancellationToken cancellationToken) =>
        await ToldAsync(await store.Edge.CloseRoundAsync(id, By, time.GetUtcNow(), cancellationToken));

    /// <summary>Declares a round void; null where there is none, or it is void.</summary>
    public async Task<RoundRecord?> VoidRoundAsync(long id, string reason, CancellationToken cancellationToken) =>
        await ToldAsync(await store.Edge.VoidRoundAsync(id, reason, By, time.GetUtcNow(), cancellationToken));

    private async Task<RoundRecord?> ToldAsync(RoundRecord? round)
    {
        if (round is not null)
            await hub.TellRoundAsync(CancellationToken.None);
        return round;
    }
}
