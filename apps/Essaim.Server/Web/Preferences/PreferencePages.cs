using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server.Web;

/// <summary>Language, theme and single letters: kept in cookies of the browser, for who is signed in and who is not.</summary>
internal static class PreferencePages
{
    private static readonly TimeSpan s_life = TimeSpan.FromDays(365);

    public static void MapPreferences(this IEndpointRouteBuilder pages) => pages.MapPost("/preferences", (Delegate)SetAsync);

    private static async Task<IResult> SetAsync(HttpContext context)
    {
        IFormCollection form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (PageLanguage.Find(form["language"]) is { } language)
            Keep(context, Visit.LanguageCookie, language.Code);
        if (form["theme"].ToString() is { } theme && Visit.Themes.Contains(theme))
            Keep(context, Visit.ThemeCookie, theme);
        if (form["keys"].ToString() is "on" or "off")
            Keep(context, Visit.KeysCookie, form["keys"].ToString());
        return new Done.SeeOther(Done.Local(form[Sessions.Then]));
    }

    private static void Keep(HttpContext context, string name, string value) =>
        context.Response.Cookies.Append(name, value, new CookieOptions { MaxAge = s_life, HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps, Path = "/" });
}
