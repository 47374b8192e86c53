using Microsoft.Extensions.Localization;

namespace Essaim.Server.Web;

/// <summary>The texts of the pages, in the language of who reads.</summary>
internal sealed class Texts(Visit visit) : IStringLocalizer
{
    public LocalizedString this[string name] => new(name, visit.Language.Text(name) ?? name, visit.Language.Text(name) is null);

    public LocalizedString this[string name, params object[] arguments] => new(name, string.Format(visit.Language.Format, this[name].Value, arguments), this[name].ResourceNotFound);

    public IEnumerable<LocalizedString> GetAllStrings(bool includeParentCultures) => visit.Language.Keys().Select(key => this[key]);
}
