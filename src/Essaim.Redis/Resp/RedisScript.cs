using System.Reflection;
using System.Text;

namespace Essaim.Redis;

/// <summary>A Lua script; called by its digest, sent in full only where the server does not have it.</summary>
internal sealed class RedisScript
{
    private readonly byte[] _sha1;

    private RedisScript(string text)
    {
        Text = text;
        _sha1 = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(ScriptDigest.Of(Encoding.UTF8.GetBytes(text))));
    }

    public string Text { get; }

    /// <summary>A script made of files that are resources of this assembly, one after the other.</summary>
    public static RedisScript Load(params ReadOnlySpan<string> files)
    {
        StringBuilder text = new();
        foreach (string file in files)
        {
            using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(file)
                ?? throw new InvalidOperationException($"The script {file} is not in this assembly.");
            using StreamReader reader = new(stream, Encoding.UTF8);
            text.Append(reader.ReadToEnd()).Append('\n');
        }

        return new RedisScript(text.ToString());
    }

    /// <summary>Begins a call; the caller adds the keys, then the arguments.</summary>
    public RespCommand Call(int keys, bool idempotent = false, int sizeHint = 512) =>
        new RespCommand("EVALSHA", idempotent, sizeHint).Add(_sha1.AsSpan()).Add(keys);
}
