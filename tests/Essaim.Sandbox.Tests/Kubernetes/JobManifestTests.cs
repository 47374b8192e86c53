using k8s;
using k8s.Models;

namespace Essaim.Sandbox.Tests;

/// <summary>
/// The manifest against Kubernetes' own types (its client library, which refuses what they do not have) and, for KEDA's two kinds, against what their
/// documentation names: nothing else may stand in them.
/// </summary>
public sealed class JobManifestTests
{
    private static readonly JobManifest Usual = new()
    {
        Environment = "solver",
        Image = "registry.example/team/essaim@sha256:" + new string('a', 64),
        Broker = new Uri("redis://redis.essaim:6380/1"),
        BrokerAt = "app=redis",
        Limits = new RunLimits { Memory = 512 << 20, Cpus = 1.5, Time = TimeSpan.FromMinutes(10), Grace = TimeSpan.FromSeconds(10), Output = 256 << 20 },
    };

    [Fact]
    public void Pod_OfAFunction_IsLockedIn()
    {
        V1JobSpec job = JobOf(Usual with { RuntimeClass = "gvisor" });
        V1PodSpec pod = job.Template.Spec;
        V1Container worker = Assert.Single(pod.Containers);

        Assert.Equal((0, 930, 600), (job.BackoffLimit, job.ActiveDeadlineSeconds, job.TtlSecondsAfterFinished));
        Assert.Equal("worker --max-tasks 1 --concurrency 1 --queues functions --max-tasks-per-child 1", string.Join(' ', worker.Args));
        Assert.Equal((false, false, false, "Never", 30L, "gvisor"), (pod.AutomountServiceAccountToken, pod.EnableServiceLinks, pod.HostUsers, pod.RestartPolicy, pod.TerminationGracePeriodSeconds, pod.RuntimeClassName));
        Assert.Equal((true, 10001L, "Localhost", "essaim/pod.json"), (pod.SecurityContext.RunAsNonRoot, pod.SecurityContext.RunAsUser, pod.SecurityContext.SeccompProfile.Type, pod.SecurityContext.SeccompProfile.LocalhostProfile));
        Assert.Equal((false, true, (bool?)null), (worker.SecurityContext.AllowPrivilegeEscalation, worker.SecurityContext.ReadOnlyRootFilesystem, worker.SecurityContext.Privileged));
        Assert.Equal("ALL", Assert.Single(worker.SecurityContext.Capabilities.Drop));
        Assert.Null(worker.SecurityContext.Capabilities.Add);
        Assert.Equal("cpu=1500m ephemeral-storage=576Mi memory=768Mi", string.Join(' ', worker.Resources.Limits.OrderBy(one => one.Key).Select(one => $"{one.Key}={one.Value}")));
        Assert.All(pod.Volumes, volume => Assert.NotNull(volume.EmptyDir.SizeLimit));
        // The broker is in a secret, and only there.
        Assert.Equal("essaim-broker/url", Assert.Single(worker.Env, one => one.Name == "ESSAIM_BROKER").ValueFrom.SecretKeyRef is { } secret ? $"{secret.Name}/{secret.Key}" : "");
    }

    [Fact]
    public void Types_OfKubernetes_RefuseWhatTheyDoNotHave() =>
        Assert.ThrowsAny<Exception>(() => KubernetesYaml.Deserialize<V1JobSpec>("backofLimit: 0\ntemplate: {}", strict: true));

    [Fact]
    public void Network_OfAPod_IsTheBrokerAndNames()
    {
        V1NetworkPolicy policy = KubernetesYaml.Deserialize<V1NetworkPolicy>(Documents(Usual.Write())[1], strict: true);

        Assert.Equal("Ingress Egress", string.Join(' ', policy.Spec.PolicyTypes));
        Assert.Empty(policy.Spec.Ingress);
        Assert.Equal(["6380", "53 53"], policy.Spec.Egress.Select(rule => string.Join(' ', rule.Ports.Select(port => port.Port))));
        Assert.Equal("redis", policy.Spec.Egress[0].To.Single().PodSelector.MatchLabels["app"]);
        Assert.All(policy.Spec.Egress, rule => Assert.NotEmpty(rule.To));
        Assert.Equal(JobOf(Usual).Template.Metadata.Labels, policy.Spec.PodSelector.MatchLabels);

        V1NetworkPolicy byAddress = KubernetesYaml.Deserialize<V1NetworkPolicy>(Documents((Usual with { Broker = new Uri("rediss://10.0.0.5:6379/0"), BrokerAt = "10.0.0.5/32" }).Write())[1], strict: true);
        Assert.Equal("10.0.0.5/32", Assert.Single(byAddress.Spec.Egress).To.Single().IpBlock.Cidr);
    }

    [Fact]
    public void Keda_IsToldWhereTheQueueIs()
    {
        string[] documents = Documents(Usual.Write());
        Dictionary<object, object> job = Plain(documents[3]);
        Dictionary<object, object> spec = Of(job, "spec");
        Dictionary<object, object> trigger = (Dictionary<object, object>)((List<object>)spec["triggers"]).Single();

        Assert.Equal(("keda.sh/v1alpha1", "ScaledJob"), (job["apiVersion"], job["kind"]));
        Assert.Equal("failedJobsHistoryLimit jobTargetRef maxReplicaCount minReplicaCount pollingInterval scalingStrategy successfulJobsHistoryLimit triggers", string.Join(' ', spec.Keys.Cast<string>().Order(StringComparer.Ordinal)));
        Assert.Equal("accurate", Of(spec, "scalingStrategy")["strategy"]);
        Assert.Equal("redis", trigger["type"]);
        Assert.Equal(
            "address=redis.essaim:6380 databaseIndex=1 enableTLS=false listLength=1 listName=functions",
            string.Join(' ', Of(trigger, "metadata").OrderBy(one => (string)one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={one.Value}")));
        Dictionary<object, object> authentication = Plain(documents[2]);
        Assert.Equal((authentication["kind"], Of(authentication, "metadata")["name"]), ("TriggerAuthentication", Of(trigger, "authenticationRef")["name"]));
        Assert.Equal("name=essaim-broker parameter=password key=password".Split(' ').Order(), ((Dictionary<object, object>)((List<object>)Of(authentication, "spec")["secretTargetRef"]).Single()).Select(one => $"{one.Key}={one.Value}").Order());
        Assert.False(KubernetesYaml.Deserialize<V1ServiceAccount>(documents[0], strict: true).AutomountServiceAccountToken);
    }

    [Fact]
    public void Mistakes_AreAllTold()
    {
        JobManifest wrong = Usual with { Image = "python:3", Broker = new Uri("amqp://u:p@host"), BrokerAt = "everywhere", Namespace = "A b", Queue = "a\n- b", Limits = new RunLimits { Memory = 1 } };

        SandboxException refused = Assert.Throws<SandboxException>(wrong.Write);

        Assert.Equal("ESS6037", refused.Code);
        Assert.Equal(
            "The image 'python:3' is not named by its digest (name@sha256:…). KEDA looks into Redis: the broker must be redis://HOST:PORT/DB, not amqp:. "
            + "The broker's password does not belong into a manifest: put it into the secret, and name the broker without. 'A b' cannot be the name of an object in Kubernetes: small letters, digits and dashes. "
            + "'a\n- b' cannot be a queue here: letters, digits, dot, dash and underscore. 'everywhere' says neither which pods the broker is (app=redis) nor where (10.0.0.5/32). "
            + "The memory must be 128M or more: with less, Python thrashes instead of ending.",
            refused.Message);
    }

    private static V1JobSpec JobOf(JobManifest manifest)
    {
        object job = Of(Plain(Documents(manifest.Write())[3]), "spec")["jobTargetRef"];
        return KubernetesYaml.Deserialize<V1JobSpec>(new YamlDotNet.Serialization.SerializerBuilder().WithQuotingNecessaryStrings().Build().Serialize(job), strict: true);
    }

    private static string[] Documents(string manifest) => manifest.Split("\n---\n");

    private static Dictionary<object, object> Plain(string document) => new YamlDotNet.Serialization.DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(document);

    private static Dictionary<object, object> Of(Dictionary<object, object> parent, string name) => (Dictionary<object, object>)parent[name];
}
