using Essaim.Edge;

namespace Essaim.Cli;

/// <summary>What <c>mqtt check</c> says, in one language.</summary>
internal sealed record CheckTexts(string Connected, string Failed, IReadOnlyDictionary<CheckStep, string> Steps, IReadOnlyDictionary<CheckFault, string> Faults)
{
    public static CheckTexts English { get; } = new(
        "✓ Connected",
        "✗ Not connected",
        new Dictionary<CheckStep, string>
        {
            [CheckStep.Name] = "name",
            [CheckStep.Port] = "port",
            [CheckStep.Tls] = "TLS",
            [CheckStep.Credentials] = "sign-in",
            [CheckStep.RoundTrip] = "publish and receive",
            [CheckStep.WebSocket] = "WebSocket",
        },
        new Dictionary<CheckFault, string>
        {
            [CheckFault.Absent] = "not offered; only pages that speak MQTT need it",
            [CheckFault.NameUnknown] = "No machine of this name is known. Check the spelling, or give the address.",
            [CheckFault.PortClosed] = "Nothing answers there. Is the broker running, does it listen on this address and not on 127.0.0.1 alone, and does a firewall let this machine through?",
            [CheckFault.PortSilent] = "No answer in time. Is the machine on, and does a firewall drop what comes to this port?",
            [CheckFault.Untrusted] = "The certificate cannot be trusted. Give the authority's file with --ca-file, and the host name the certificate is for.",
            [CheckFault.NoTls] = "What answers speaks no TLS. Check the port (usually 8883), or leave --tls and --ca-file out.",
            [CheckFault.CertificateFile] = "The file of the authority cannot be read. Give a PEM file this user may read.",
            [CheckFault.NotMqtt] = "What answers speaks no MQTT as it should. Is this the broker's port, and does it want TLS (--tls)?",
            [CheckFault.WrongCredentials] = "The broker does not take this user and password. Check both (--user, ESSAIM_MQTT_PASSWORD), and that it has read its password file since they were made.",
            [CheckFault.Refused] = "The broker refuses the connection.",
            [CheckFault.PublishRefused] = "The broker does not let this user publish there. Check its access list.",
            [CheckFault.SubscribeRefused] = "The broker does not let this user listen there. Check its access list.",
            [CheckFault.NoEcho] = "What was published did not come back. Does the access list let this user read what it writes?",
        });

    public static CheckTexts French { get; } = new(
        "✓ Connexion réussie !",
        "✗ Connexion impossible",
        new Dictionary<CheckStep, string>
        {
            [CheckStep.Name] = "nom",
            [CheckStep.Port] = "port",
            [CheckStep.Tls] = "TLS",
            [CheckStep.Credentials] = "identification",
            [CheckStep.RoundTrip] = "publication et réception",
            [CheckStep.WebSocket] = "WebSocket",
        },
        new Dictionary<CheckFault, string>
        {
            [CheckFault.Absent] = "non proposé ; seules les pages qui parlent MQTT en ont besoin",
            [CheckFault.NameUnknown] = "Aucune machine de ce nom n’est connue. Vérifiez l’orthographe, ou donnez l’adresse.",
            [CheckFault.PortClosed] = "Rien ne répond là. Le courtier tourne-t-il, écoute-t-il sur cette adresse et pas seulement sur 127.0.0.1, et le pare-feu laisse-t-il passer cette machine ?",
            [CheckFault.PortSilent] = "Pas de réponse à temps. La machine est-elle allumée, et un pare-feu jette-t-il ce qui arrive sur ce port ?",
            [CheckFault.Untrusted] = "Le certificat n’est pas digne de confiance. Donnez le fichier de l’autorité avec --ca-file, et le nom pour lequel le certificat est fait.",
            [CheckFault.NoTls] = "Ce qui répond ne parle pas TLS. Vérifiez le port (d’habitude 8883), ou enlevez --tls et --ca-file.",
            [CheckFault.CertificateFile] = "Le fichier de l’autorité ne peut pas être lu. Donnez un fichier PEM que cet utilisateur peut lire.",
            [CheckFault.NotMqtt] = "Ce qui répond ne parle pas MQTT comme il faut. Est-ce le port du courtier, et veut-il TLS (--tls) ?",
            [CheckFault.WrongCredentials] = "Le courtier n’accepte pas cet utilisateur et ce mot de passe. Vérifiez les deux (--user, ESSAIM_MQTT_PASSWORD), et qu’il a relu son fichier de mots de passe depuis.",
            [CheckFault.Refused] = "Le courtier refuse la connexion.",
            [CheckFault.PublishRefused] = "Le courtier ne laisse pas cet utilisateur publier là. Vérifiez sa liste d’accès.",
            [CheckFault.SubscribeRefused] = "Le courtier ne laisse pas cet utilisateur écouter là. Vérifiez sa liste d’accès.",
            [CheckFault.NoEcho] = "Ce qui a été publié n’est pas revenu. La liste d’accès laisse-t-elle cet utilisateur lire ce qu’il écrit ?",
        });

    /// <summary>A step as a line.</summary>
    public string Line(CheckResult result) => result.Fault switch
    {
        CheckFault.None => $"  ✓ {Steps[result.Step]}: {result.Detail}",
        CheckFault.Absent => $"  – {Steps[result.Step]}: {Faults[CheckFault.Absent]}",
        _ => $"  ✗ {Steps[result.Step]}: {result.Detail.TrimEnd('.')}. {Faults[result.Fault]}",
    };
}
