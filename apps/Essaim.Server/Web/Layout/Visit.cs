using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;

namespace Essaim.Server.Web;

/// <summary>Who looks at a page, and how they want it: from the cookies and headers of one request.</summary>
internal sealed class Visit(IHttpContextAccessor accessor, IAntiforgery antiforgery, TimeProvider time)
{
    public const string LanguageCookie = "essaim-language";
    public const string ThemeCookie = "essaim-theme";
    public const string KeysCookie = "essaim-keys";

    public static IReadOnlyList<string> Themes { get; } = ["system", "light", "dark"];

    private HttpContext Context => accessor.HttpContext ?? throw new InvalidOperationException("A page is written for a request.");

    public PageLanguage Language => field ??= PageLanguage.Find(Context.Request.Cookies[LanguageCookie]) ?? PageLanguage.Accepted(Context.Request.Headers.AcceptLanguage.ToString());

    public string Theme => Context.Request.Cookies[ThemeCookie] is { } theme && Themes.Contains(theme) ? theme : Themes[0];

    /// <summary>Single letters do something.</summary>
    public bool HasKeys => Context.Request.Cookies[KeysCookie] != "off";

    public bool IsSignedIn => Context.User.Identity?.IsAuthenticated == true;

    /// <summary>A script asks for a part, to put it into the page that is there.</summary>
    public bool IsPart => Context.Request.Headers.ContainsKey("HX-Request");

    public string Path => Context.Request.Path + Context.Request.QueryString;

    /// <summary>What a form must send so that it is known to be ours.</summary>
    public string Token => field ??= antiforgery.GetAndStoreTokens(Context).RequestToken!;

    public DateTimeOffset Now => time.GetUtcNow();

    public string Number(long number) => Language.Number(number);

    public string Instant(DateTimeOffset instant) => Language.Instant(instant, time.LocalTimeZone);

    public string Clock(DateTimeOffset instant) => Language.Clock(instant, time.LocalTimeZone);
}
