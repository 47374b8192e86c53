using System.CommandLine;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary><c>manifest</c>: what Kubernetes and KEDA are told, so that each function runs in a pod of its own.</summary>
internal sealed class ManifestCommand : AppCommand
{
    private readonly Option<string> _environment = new("--environment") { HelpName = "NAME", Description = "The environment the image has", DefaultValueFactory = _ => SandboxEnvironment.Usual };
    private readonly Option<string?> _image = new("--image") { HelpName = "IMAGE", Description = "Image with Essaim, bubblewrap and Python, as name@sha256:…" };
    private readonly Option<string?> _broker = new("--redis") { HelpName = "URL", Description = "Where the broker is, as seen in the cluster, without its password: redis://redis:6379/0" };
    private readonly Option<string?> _at = new("--redis-at") { HelpName = "LABEL|RANGE", Description = "The broker's pods (app=redis) or addresses (10.0.0.5/32): all that a pod may reach" };
    private readonly Option<string> _secret = new("--secret") { HelpName = "NAME", Description = "Secret with 'url' (the broker with its password) and 'password'", DefaultValueFactory = _ => "essaim-broker" };
    private readonly Option<string> _namespace = new("--namespace") { HelpName = "NAME", Description = "Namespace", DefaultValueFactory = _ => "essaim" };
    private readonly Option<string> _queue = new("--queue") { HelpName = "NAME", Description = "Queue of functions, and of nothing else", DefaultValueFactory = _ => "functions" };
    private readonly Option<int> _most = new("--max-pods") { HelpName = "N", Description = "Most pods at once", DefaultValueFactory = _ => 10 };
    private readonly Option<string?> _runtime = new("--runtime-class") { HelpName = "NAME", Description = "Runtime class, such as gvisor [default: the cluster's]" };
    private readonly Option<bool> _profile = new("--seccomp-profile") { Description = "Write the seccomp profile of these pods instead: for /var/lib/kubelet/seccomp/essaim/pod.json on each node" };
    private readonly RunLimitOptions _limits = new();

    public ManifestCommand()
        : base("manifest", "Writes a Kubernetes manifest: KEDA starts a pod for each function that waits, and it ends with it.")
    {
        foreach (Option option in (Option[])[_environment, _image, _broker, _at, _secret, _namespace, _queue, _most, _runtime, _profile])
            Add(option);
        _limits.AddTo(this);
        Examples =
        [
            "manifest --image registry.example/essaim@sha256:… --redis redis://redis:6379/0 --redis-at app=redis",
            "manifest --image … --redis redis://10.0.0.5:6379/0 --redis-at 10.0.0.5/32 --memory 2G --runtime-class gvisor",
            "manifest --seccomp-profile > pod.json",
        ];
    }

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        context.Output.Data((context.GetValue(_profile) ? Kit.PodProfile() : Read(context).Write()).TrimEnd());
        return Task.FromResult(ExitCodes.Ok);
    }

    private JobManifest Read(CommandContext context)
    {
        (string? image, string? broker, string? at) = (context.GetValue(_image), context.GetValue(_broker), context.GetValue(_at));
        if (image is null || broker is null || at is null)
            throw new AppException("ESS6037", "A manifest needs --image, --redis and --redis-at. See manifest --help.");
        if (!Uri.TryCreate(broker, UriKind.Absolute, out Uri? url))
            throw new AppException("ESS6037", $"'{broker}' is no address of a broker. Write redis://HOST:PORT/DB (--redis).");
        return new JobManifest
        {
            Environment = context.GetValue(_environment)!,
            Image = image,
            Broker = url,
            BrokerAt = at,
            Secret = context.GetValue(_secret)!,
            Namespace = context.GetValue(_namespace)!,
            Queue = context.GetValue(_queue)!,
            Most = context.GetValue(_most),
            RuntimeClass = context.GetValue(_runtime),
            Limits = _limits.Read(context),
        };
    }
}
