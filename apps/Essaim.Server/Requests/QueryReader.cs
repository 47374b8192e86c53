using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Essaim.Server;

/// <summary>Reads query parameters and notes every mistake; <see cref="Finish"/> names parameters nobody asked for.</summary>
internal sealed class QueryReader(IQueryCollection query)
{
    private readonly List<string> _known = [];
    private readonly List<Mistake> _mistakes = [];

    public string? Text(string name)
    {
        _known.Add(name);
        string text = query[name].ToString();
        return text.Length > 0 ? text : null;
    }

    public int Whole(string name, int min, int max, int missing)
    {
        if (Text(name) is not { } text)
            return missing;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= min && number <= max)
            return number;
        Fail(name, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {min} to {max}, not '{text}'"));
        return missing;
    }

    public bool Flag(string name)
    {
        string? text = Text(name);
        if (text is not (null or "true" or "false"))
            Fail(name, $"must be true or false, not '{text}'");
        return text == "true";
    }

    public DateTimeOffset? Instant(string name)
    {
        if (Text(name) is not { } text)
            return null;
        if (Instants.TryParse(text, out DateTimeOffset instant))
            return instant;
        Fail(name, $"must be an instant in ISO 8601 such as 2026-01-31T18:30:00Z, not '{text}'");
        return null;
    }

    public void Fail(string name, string message) => _mistakes.Add(new Mistake(name, message));

    /// <exception cref="ProblemException"><c>ESS5012</c> with every mistake.</exception>
    public void Finish()
    {
        foreach (string name in query.Keys.Except(_known))
            Fail(name, _known.Count == 0 ? "is not known here; there are no parameters" : $"is not known here; known are {string.Join(", ", _known)}");
        if (_mistakes.Count > 0)
            throw new ProblemException(Problem.InvalidQuery(_mistakes));
    }
}
