using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Essaim.Sandbox;

/// <summary>
/// The manifest of functions on Kubernetes: KEDA starts a pod for each that waits, a worker in it takes one (<c>--max-tasks 1</c>), runs it in bubblewrap, and ends.
/// </summary>
internal sealed partial record JobManifest
{
    private const long Mebibyte = 1 << 20;

    /// <summary>The environment's name; the objects are called after it.</summary>
    public required string Environment { get; init; }

    /// <summary>An image with Essaim, bubblewrap and the environment's Python, by its digest.</summary>
    public required string Image { get; init; }

    /// <summary>Where Redis is: <c>redis://HOST:PORT/DB</c>, without the password, which is in the secret.</summary>
    public required Uri Broker { get; init; }

    /// <summary>The secret with <c>url</c> (the whole of it, for the worker) and <c>password</c> (for KEDA).</summary>
    public string Secret { get; init; } = "essaim-broker";

    /// <summary>Pods or addresses Redis is reached at: a label (<c>app=redis</c>) or a range (<c>10.0.0.5/32</c>).</summary>
    public required string BrokerAt { get; init; }

    /// <summary>The namespace.</summary>
    public string Namespace { get; init; } = "essaim";

    /// <summary>The queue the functions wait in; no other tasks should.</summary>
    public string Queue { get; init; } = "functions";

    /// <summary>Most pods at once.</summary>
    public int Most { get; init; } = 10;

    /// <summary>Limits of one function; what the worker itself needs is added.</summary>
    public RunLimits Limits { get; init; } = new();

    /// <summary>The runtime class, such as <c>gvisor</c>; null: the cluster's.</summary>
    public string? RuntimeClass { get; init; }

    /// <summary>What is wrong with it, a sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (!SandboxEnvironment.IsName(Environment) || !Name().IsMatch(Environment))
            yield return $"'{Environment}' cannot be part of an object's name in Kubernetes: small letters, digits and dashes.";
        if (!Image.Contains("@sha256:", StringComparison.Ordinal) || Unfit(() => new ContainerOptions(Image).Validate()))
            yield return $"The image '{Image}' is not named by its digest (name@sha256:…).";
        if (Broker.Scheme is not ("redis" or "rediss"))
            yield return $"KEDA looks into Redis: the broker must be redis://HOST:PORT/DB, not {Broker.Scheme}:.";
        if (Broker.UserInfo.Length > 0)
            yield return "The broker's password does not belong into a manifest: put it into the secret, and name the broker without.";
        foreach (string name in new[] { Namespace, Secret, RuntimeClass ?? "none" }.Where(name => !Name().IsMatch(name)))
            yield return $"'{name}' cannot be the name of an object in Kubernetes: small letters, digits and dashes.";
        if (!QueueName().IsMatch(Queue))
            yield return $"'{Queue}' cannot be a queue here: letters, digits, dot, dash and underscore.";
        if (!IPNetwork.TryParse(BrokerAt, out _) && !Label().IsMatch(BrokerAt))
            yield return $"'{BrokerAt}' says neither which pods the broker is (app=redis) nor where (10.0.0.5/32).";
        if (Most is < 1 or > 10_000)
            yield return "The most pods must be 1 to 10000.";
        foreach (string problem in Limits.Problems())
            yield return problem;
    }

    /// <summary>The manifest.</summary>
    /// <exception cref="SandboxException"><c>ESS6037</c> it cannot be made; all mistakes are listed.</exception>
    public string Write()
    {
        if (Problems().ToList() is { Count: > 0 } problems)
            throw new SandboxException("ESS6037", string.Join(' ', problems));
        string name = "essaim-" + Environment;
        string mebibytes(long bytes, long more = 0) => string.Create(CultureInfo.InvariantCulture, $"{(bytes + Mebibyte - 1) / Mebibyte + more}Mi");
        string milli = string.Create(CultureInfo.InvariantCulture, $"{(int)Math.Ceiling(Limits.Cpus * 1000)}m");
        int grace = (int)Math.Ceiling(Limits.Grace.TotalSeconds) + 20;
        long deadline = (long)Math.Ceiling(Limits.Time.TotalSeconds) + grace + 300;
        string database = Broker.AbsolutePath.Trim('/') is { Length: > 0 } number ? number : "0";
        return string.Create(CultureInfo.InvariantCulture, $"""
            # Functions in '{Environment}' on Kubernetes, one pod a function. Made by 'essaim manifest'; KEDA must be installed.
            # Needs the secret {Secret} (url: the broker with its password, password: that alone), a cluster with user namespaces (1.33 and later has them on), and on
            # each node /var/lib/kubelet/seccomp/essaim/pod.json, which 'essaim manifest --seccomp-profile' writes.
            apiVersion: v1
            kind: ServiceAccount
            metadata:
              name: {name}
              namespace: {Namespace}
            automountServiceAccountToken: false
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata:
              name: {name}
              namespace: {Namespace}
            spec:
              podSelector:
                matchLabels:
                  app.kubernetes.io/name: {name}
              policyTypes: [Ingress, Egress]
              ingress: []
              egress:
            {Egress()}
            ---
            apiVersion: keda.sh/v1alpha1
            kind: TriggerAuthentication
            metadata:
              name: {name}
              namespace: {Namespace}
            spec:
              secretTargetRef:
                - parameter: password
                  name: {Secret}
                  key: password
            ---
            apiVersion: keda.sh/v1alpha1
            kind: ScaledJob
            metadata:
              name: {name}
              namespace: {Namespace}
            spec:
              pollingInterval: 5
              minReplicaCount: 0
              maxReplicaCount: {Most}
              successfulJobsHistoryLimit: 5
              failedJobsHistoryLimit: 5
              scalingStrategy:
                strategy: accurate
              triggers:
                - type: redis
                  metadata:
                    address: {Broker.Host}:{(Broker.Port > 0 ? Broker.Port : 6379)}
                    databaseIndex: "{database}"
                    enableTLS: "{(Broker.Scheme == "rediss" ? "true" : "false")}"
                    listName: {Queue}
                    listLength: "1"
                  authenticationRef:
                    name: {name}
              jobTargetRef:
                backoffLimit: 0
                parallelism: 1
                completions: 1
                activeDeadlineSeconds: {deadline}
                ttlSecondsAfterFinished: 600
                template:
                  metadata:
                    labels:
                      app.kubernetes.io/name: {name}
                  spec:
                    serviceAccountName: {name}
                    automountServiceAccountToken: false
                    enableServiceLinks: false
                    hostUsers: false
                    restartPolicy: Never
                    terminationGracePeriodSeconds: {grace}
            {(RuntimeClass is null ? "" : $"        runtimeClassName: {RuntimeClass}\n")}        securityContext:
                      runAsNonRoot: true
                      runAsUser: 10001
                      runAsGroup: 10001
                      fsGroup: 10001
                      seccompProfile:
                        type: Localhost
                        localhostProfile: essaim/pod.json
                    containers:
                      - name: worker
                        image: {Image}
                        args: [worker, --max-tasks, "1", --concurrency, "1", --queues, {Queue}, --max-tasks-per-child, "1"]
                        env:
                          - name: ESSAIM_BROKER
                            valueFrom:
                              secretKeyRef:
                                name: {Secret}
                                key: url
                          - name: XDG_STATE_HOME
                            value: /var/lib/essaim
                          - name: TMPDIR
                            value: /tmp
                        securityContext:
                          allowPrivilegeEscalation: false
                          readOnlyRootFilesystem: true
                          procMount: Unmasked
                          capabilities:
                            drop: [ALL]
                        resources:
                          requests:
                            cpu: {milli}
                            memory: {mebibytes(Limits.Memory, 256)}
                            ephemeral-storage: {mebibytes(Limits.Output * 2, 64)}
                          limits:
                            cpu: {milli}
                            memory: {mebibytes(Limits.Memory, 256)}
                            ephemeral-storage: {mebibytes(Limits.Output * 2, 64)}
                        volumeMounts:
                          - name: state
                            mountPath: /var/lib/essaim
                          - name: scratch
                            mountPath: /tmp
                    volumes:
                      - name: state
                        emptyDir:
                          sizeLimit: {mebibytes(Limits.Output * 2, 32)}
                      - name: scratch
                        emptyDir:
                          sizeLimit: 32Mi

            """);
    }

    private string Egress()
    {
        int port = Broker.Port > 0 ? Broker.Port : 6379;
        string to = IPNetwork.TryParse(BrokerAt, out _)
            ? $"        - ipBlock:\n            cidr: {BrokerAt}"
            : $"        - podSelector:\n            matchLabels:\n              {BrokerAt.Split('=')[0]}: \"{BrokerAt.Split('=')[1]}\"";
        string broker = string.Create(CultureInfo.InvariantCulture, $"    - to:\n{to}\n      ports:\n        - protocol: TCP\n          port: {port}");
        // A name has to be looked up.
        return IPAddress.TryParse(Broker.Host, out _) ? broker : broker + """

                - to:
                    - namespaceSelector:
                        matchLabels:
                          kubernetes.io/metadata.name: kube-system
                  ports:
                    - protocol: UDP
                      port: 53
                    - protocol: TCP
                      port: 53
            """;
    }

    private static bool Unfit(Action check)
    {
        try
        {
            check();
            return false;
        }
        catch (SandboxException)
        {
            return true;
        }
    }

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$")]
    private static partial Regex Name();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$")]
    private static partial Regex QueueName();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9./_-]{0,60}=[A-Za-z0-9][A-Za-z0-9._-]{0,60}$")]
    private static partial Regex Label();
}
