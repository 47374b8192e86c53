using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Essaim.Server.Web;

namespace Essaim.Web.Tests;

/// <summary>All words of the pages are texts, and there is each in each language.</summary>
public sealed partial class TextTests
{
    private static readonly string s_web = Path.GetFullPath(Path.Combine(Here(), "../../../apps/Essaim.Server/Web"));

    [Fact]
    public void Texts_OfAllLanguages_HaveTheSameKeysAndPlaces()
    {
        string[] wrong = [.. PageLanguage.English.Keys().Union(PageLanguage.French.Keys())
            .Where(key => PageLanguage.English.Text(key) is not { Length: > 0 } english || PageLanguage.French.Text(key) is not { Length: > 0 } french || Places(english) != Places(french))];

        Assert.Empty(wrong);
        Assert.NotEmpty(PageLanguage.English.Keys());

        static string Places(string text) => string.Join(' ', Place().Matches(text).Select(match => match.Value).Order());
    }

    [Fact]
    public void Texts_ThatAreAskedFor_AreThere()
    {
        HashSet<string> there = [.. PageLanguage.English.Keys()];
        string[] missing = [.. Sources("*.razor").Concat(Sources("*.cs")).SelectMany(file => Asked().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)).Distinct().Where(key => !there.Contains(key))];

        Assert.Empty(missing);
    }

    [Fact]
    public void Texts_ThatAreThere_AreAskedFor()
    {
        string all = string.Concat(Sources("*.razor").Concat(Sources("*.cs")).Select(File.ReadAllText));
        string[] stems = [.. Stem().Matches(all).Select(match => match.Groups[1].Value + match.Groups[2].Value)];
        string[] idle = [.. PageLanguage.English.Keys().Where(key => !all.Contains($"\"{key}\"", StringComparison.Ordinal) && !key.EndsWith(".next", StringComparison.Ordinal) && !stems.Any(stem => key.StartsWith(stem, StringComparison.Ordinal)))];

        Assert.Empty(idle);
    }

    [Fact]
    public void Markup_HasNoWordsOfItsOwn()
    {
        string[] words = [.. Sources("*.razor").SelectMany(file => Literals(Markup(File.ReadAllText(file))).Select(text => $"{Path.GetFileName(file)}: {text}"))];

        Assert.Empty(words);
    }

    [Theory]
    [InlineData("fr-CH, fr;q=0.9, en;q=0.8", "fr")]
    [InlineData("de, en;q=0.5, fr;q=0.8", "fr")]
    [InlineData("de", "en")]
    [InlineData("", "en")]
    [InlineData("fr;q=0, en", "en")]
    [InlineData(";;;q=x,,", "en")]
    public void Language_OfABrowsersList_IsTheFirstThereIs(string header, string expected) => Assert.Equal(expected, PageLanguage.Accepted(header).Code);

    [Fact]
    public void Numbers_AreWrittenAsInTheLanguage()
    {
        Assert.Equal(("1,234,567", "51.2"), (PageLanguage.English.Number(1_234_567), PageLanguage.English.Decimal(51.2)));
        Assert.Equal(("1\u202f234\u202f567", "51,2"), (PageLanguage.French.Number(1_234_567), PageLanguage.French.Decimal(51.2)));
        Assert.Equal("7 févr. 2026 18:30:05", PageLanguage.French.Instant(new DateTimeOffset(2026, 2, 7, 18, 30, 5, TimeSpan.Zero), TimeZoneInfo.Utc));
        Assert.Equal(["0\u00a0s", "59\u00a0s", "3\u00a0min", "47\u00a0h", "3\u00a0j"], ((double[])[-5, 59.9, 200, 47 * 3600, 80 * 3600]).Select(seconds => PageLanguage.French.Span(TimeSpan.FromSeconds(seconds))));
    }

    private static IEnumerable<string> Sources(string pattern) => Directory.EnumerateFiles(s_web, pattern, SearchOption.AllDirectories);

    /// <summary>A component without its directives, code and expressions.</summary>
    private static string Markup(string source)
    {
        string markup = source.Split("\n@code {")[0];
        markup = string.Join('\n', markup.Split('\n').Where(line => !Directive().IsMatch(line)));
        return Expression().Replace(markup, "");
    }

    /// <summary>Words between tags, and in attributes that are read out or shown.</summary>
    private static IEnumerable<string> Literals(string markup) =>
        Between().Matches(markup).Select(match => match.Groups[1].Value.Trim()).Concat(Shown().Matches(markup).Select(match => match.Groups[1].Value))
            .Where(text => Word().IsMatch(text) && !s_names.Contains(text));

    /// <summary>Names are the same in every language.</summary>
    private static readonly string[] s_names = ["Essaim", "– Essaim", "admin"];

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)! + "/.";

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"(?:T|texts)\[""([a-z0-9.\-]+)""[\],]")]
    private static partial Regex Asked();

    [GeneratedRegex(@"(?:T|texts)\[(?:[^\]""]*""([a-z.\-]+\.)"" \+|\$""([a-z.\-]+\.)\{)")]
    private static partial Regex Stem();

    [GeneratedRegex(@"^\s*@(namespace|inject|using|foreach|if|for)\b|^\s*else\b|^\s*\{\s*$|^\s*\}\s*$")]
    private static partial Regex Directive();

    [GeneratedRegex(@"@\((?>[^()]+|(?<open>\()|(?<-open>\)))*(?(open)(?!))\)|@T\[(?>[^\[\]]+|(?<in>\[)|(?<-in>\]))*\]|@if \([^\n]*|@foreach \([^\n]*|@[A-Za-z_][\w.]*(?:\((?>[^()]+|(?<p>\()|(?<-p>\)))*\))?")]
    private static partial Regex Expression();

    [GeneratedRegex(@">([^<>@{}]+)<")]
    private static partial Regex Between();

    [GeneratedRegex(@"\b(?:title|alt|placeholder|aria-label)=""([^""@]+)""")]
    private static partial Regex Shown();

    [GeneratedRegex(@"\p{L}{2,}")]
    private static partial Regex Word();
}
