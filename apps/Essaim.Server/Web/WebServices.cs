using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;

namespace Essaim.Server.Web;

/// <summary>The pages of the core: their parts, their place among what answers requests, their addresses.</summary>
internal static class WebServices
{
    public static void AddWeb(this IServiceCollection services, CoreFolder folder)
    {
        // Two cores of one machine have one name, 127.0.0.1, and so share their cookies: each has names of its own.
        string core = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder.Path)))[..8];
        DirectoryInfo keys = PrivateFolder(Path.Combine(folder.Path, "keys"));
        services.AddDataProtection().SetApplicationName("Essaim").PersistKeysToFileSystem(keys);
        // The folder is its user's alone, as the admin key's file is.
        services.Configure<KeyManagementOptions>(options => options.XmlEncryptor = new NullXmlEncryptor());
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = $"essaim-form-{core}";
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.SuppressXFrameOptionsHeader = true;
        });
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(options => Sessions.Configure(options, $"essaim-session-{core}"));
        services.AddAuthorization();
        services.AddResponseCompression(options => options.MimeTypes = ["text/html"]);
        services.AddHttpContextAccessor();
        services.AddScoped<Visit>();
        services.AddScoped<Texts>();
        services.AddScoped<IStringLocalizer>(provider => provider.GetRequiredService<Texts>());
        services.AddScoped<LiveStream>();
        services.AddSingleton<SignInLimiter>();
        services.AddSingleton<EdgePictures>();
    }

    public static void UseWeb(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            // The core is asked through loopback only, so it is the reverse proxy of this machine that says so: cookies are for TLS, then.
            if (context.Request.Headers["X-Forwarded-Proto"] == "https")
                context.Request.Scheme = "https";
            return next(context);
        });
        app.UseMiddleware<PageErrors>();
        app.UseResponseCompression();
    }

    /// <summary>After routing: who may see what goes by the route.</summary>
    public static void MapWeb(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseAuthorization();
        RouteGroupBuilder pages = app.MapGroup("").ExcludeFromDescription().AddEndpointFilter<FormGuard>();
        pages.MapGet("/", () => TypedResults.LocalRedirect("/edge"));
        pages.MapAssets();
        pages.MapSignIn();
        pages.MapPreferences();
        RouteGroupBuilder closed = pages.MapGroup("").RequireAuthorization();
        closed.MapEdgePages();
        closed.MapRoundPages();
        closed.MapDevicePages();
        closed.MapAuditPage();
        closed.MapGet("/ping", (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "no-store";
            return TypedResults.NoContent();
        });
    }

    public static string Invariant(this long number) => number.ToString(CultureInfo.InvariantCulture);

    private static DirectoryInfo PrivateFolder(string path) => OperatingSystem.IsWindows()
        ? Directory.CreateDirectory(path)
        : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
}
