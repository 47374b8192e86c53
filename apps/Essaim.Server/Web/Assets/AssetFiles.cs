using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server.Web;

/// <summary>The pages' scripts, styles and icon. They are in the assembly, so they are served wherever the core is started; their address changes with their content.</summary>
internal static class AssetFiles
{
    private const string Prefix = "web/";
    private static readonly FrozenDictionary<string, Asset> s_assets = Read();

    /// <summary>Changes where one of them does.</summary>
    public static string Version { get; } = Hash([.. s_assets.Values.OrderBy(asset => asset.Name, StringComparer.Ordinal).SelectMany(asset => Convert.FromHexString(asset.Hash))]);

    public static string Url(string name) => $"/web/{name}?v={s_assets[name].Hash[..12]}";

    public static void MapAssets(this IEndpointRouteBuilder root) => root.MapGet("/web/{name}", Get);

    private static IResult Get(string name, HttpContext context)
    {
        if (!s_assets.TryGetValue(name, out Asset? asset))
            return TypedResults.NotFound();
        IHeaderDictionary headers = context.Response.Headers;
        headers.CacheControl = context.Request.Query["v"] == asset.Hash[..12] ? "public, max-age=31536000, immutable" : "no-cache";
        headers.ETag = $"\"{asset.Hash[..12]}\"";
        headers.Vary = "Accept-Encoding";
        if (context.Request.Headers.IfNoneMatch == headers.ETag)
            return TypedResults.StatusCode(304);
        string accepted = context.Request.Headers.AcceptEncoding.ToString();
        (string? encoding, byte[] bytes) = accepted.Contains("br", StringComparison.Ordinal) ? ("br", asset.Brotli.Value)
            : accepted.Contains("gzip", StringComparison.Ordinal) ? ("gzip", asset.Gzip.Value)
            : (null, asset.Bytes);
        if (encoding is not null)
            headers.ContentEncoding = encoding;
        return TypedResults.Bytes(bytes, asset.Type);
    }

    private static FrozenDictionary<string, Asset> Read()
    {
        Assembly assembly = typeof(AssetFiles).Assembly;
        return assembly.GetManifestResourceNames().Where(resource => resource.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(resource =>
            {
                using Stream stream = assembly.GetManifestResourceStream(resource)!;
                byte[] bytes = new byte[stream.Length];
                stream.ReadExactly(bytes);
                return new Asset(resource[Prefix.Length..], bytes);
            })
            .ToFrozenDictionary(asset => asset.Name);
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private sealed class Asset
    {
        public Asset(string name, byte[] bytes)
        {
            (Name, Bytes, Hash) = (name, bytes, AssetFiles.Hash(bytes));
            Brotli = new(() => Squeeze(stream => new BrotliStream(stream, CompressionLevel.SmallestSize)));
            Gzip = new(() => Squeeze(stream => new GZipStream(stream, CompressionLevel.SmallestSize)));
        }

        public string Name { get; }

        public byte[] Bytes { get; }

        public string Hash { get; }

        public Lazy<byte[]> Brotli { get; }

        public Lazy<byte[]> Gzip { get; }

        public string Type => Path.GetExtension(Name) switch
        {
            ".js" => "text/javascript; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            _ => "image/svg+xml",
        };

        private byte[] Squeeze(Func<Stream, Stream> squeezer)
        {
            using MemoryStream squeezed = new();
            using (Stream stream = squeezer(squeezed))
                stream.Write(Bytes);
            return squeezed.ToArray();
        }
    }
}
