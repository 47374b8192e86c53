using Essaim.Server;

namespace Essaim.Cli;

/// <summary>What <c>up</c> says when everything runs: the address, where the key lies, a line to try.</summary>
internal static class UpBanner
{
    public static void Write(CommandOutput output, string folder, EssaimServer core, LocalWorker? worker, EdgeOptions? edge)
    {
        // The launcher says how it was called, so that the lines below can be typed as they stand.
        string program = Environment.GetEnvironmentVariable("ESSAIM_PROGRAM") is { Length: > 0 } called ? called : "essaim";
        string broker = folder == Path.GetFullPath(".essaim") ? "" : $" --broker sqlite:{Path.Combine(folder, "essaim.db")}";
        output.Say($"Essaim is up at {core.Url}");
        output.Say($"  page       {core.Url}/edge");
        output.Say($"  data       {folder}");
        output.Say($"  admin key  {core.AdminKeyFile}");
        output.Say($"  worker     {worker?.NodeName ?? "none (--no-worker)"}");
        if (edge is not null)
            output.Say($"  devices    broker {edge.Host}:{edge.Port}, its files in {Path.GetFullPath(edge.BrokerFolder ?? Path.Combine(folder, "mosquitto"))}");
        output.Say("Try it in another terminal:");
        output.Say($"  {program} call demo.add 2 3{broker}");
        output.Say($"  curl -s {core.Url}/v1/tasks -H \"Authorization: Bearer $(cat {core.AdminKeyFile})\" -H 'Content-Type: application/json' -d '{{\"name\": \"demo.add\", \"args\": [2, 3]}}'");
        output.Say("Ctrl-C stops it.");
    }
}
