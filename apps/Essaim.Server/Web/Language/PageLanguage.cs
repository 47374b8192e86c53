using System.Globalization;
using System.Resources;

namespace Essaim.Server.Web;

/// <summary>A language of the pages: its texts, and how it writes numbers and times. The process's own globalization is invariant, so it is told here.</summary>
internal sealed class PageLanguage
{
    private readonly ResourceManager _texts;
    private readonly CultureInfo _culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();

    private PageLanguage(string code, string name, string comma, string thousands, string[] months, string day)
    {
        (Code, Name, DayUnit) = (code, name, day);
        _texts = new ResourceManager($"Texts.{code}", typeof(PageLanguage).Assembly);
        _culture.NumberFormat.NumberDecimalSeparator = comma;
        _culture.NumberFormat.NumberGroupSeparator = thousands;
        _culture.DateTimeFormat.AbbreviatedMonthNames = _culture.DateTimeFormat.AbbreviatedMonthGenitiveNames = [.. months, ""];
    }

    public static PageLanguage English { get; } = new(
        "en", "English", ".", ",", ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], "d");

    public static PageLanguage French { get; } = new(
        "fr", "Français", ",", "\u202f", ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."], "j");

    public static IReadOnlyList<PageLanguage> All { get; } = [English, French];

    public string Code { get; }

    /// <summary>In the language itself.</summary>
    public string Name { get; }

    /// <summary>The letter of a day.</summary>
    public string DayUnit { get; }

    public IFormatProvider Format => _culture;

    public static PageLanguage? Find(string? code) => All.FirstOrDefault(language => language.Code == code);

    /// <summary>The first language of a browser's list that there is; English where there is none.</summary>
    public static PageLanguage Accepted(string header)
    {
        IEnumerable<(string Code, double Weight)> wanted = header.Split(',').Select(part =>
        {
            string[] pieces = part.Split(";q=");
            double weight = pieces.Length > 1 && double.TryParse(pieces[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double given) ? given : 1;
            return (pieces[0].Trim().Split('-')[0].ToLowerInvariant(), weight);
        });
        return wanted.Where(pair => pair.Weight > 0).OrderByDescending(pair => pair.Weight).Select(pair => Find(pair.Code)).FirstOrDefault(language => language is not null) ?? English;
    }

    /// <summary>The text of a key; null where there is none.</summary>
    public string? Text(string key) => _texts.GetString(key, CultureInfo.InvariantCulture);

    /// <summary>All keys.</summary>
    public IEnumerable<string> Keys() =>
        _texts.GetResourceSet(CultureInfo.InvariantCulture, createIfNotExists: true, tryParents: false)!.Cast<System.Collections.DictionaryEntry>().Select(entry => (string)entry.Key);

    public string Number(long number) => number.ToString("N0", _culture);

    public string Decimal(double number) => number.ToString("N1", _culture);

    public string Instant(DateTimeOffset instant, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(instant, zone).ToString("d MMM yyyy HH:mm:ss", _culture);

    public string Clock(DateTimeOffset instant, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(instant, zone).ToString("HH:mm:ss", _culture);

    /// <summary>How long, in its largest unit.</summary>
    public string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 60 } => Whole(span.TotalSeconds, "s"),
        { TotalMinutes: < 60 } => Whole(span.TotalMinutes, "min"),
        { TotalHours: < 48 } => Whole(span.TotalHours, "h"),
        _ => Whole(span.TotalDays, DayUnit),
    };

    private string Whole(double number, string unit) => $"{Number((long)Math.Max(0, Math.Floor(number)))}\u00a0{unit}";
}
