using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Essaim;

/// <summary>Celery's rate limits as text: <c>10/s</c>, <c>5/m</c>, <c>1/h</c>, or a number a second; empty, or not above 0: none.</summary>
internal static class RateLimit
{
    /// <summary>Reads a limit.</summary>
    /// <param name="text">The text.</param>
    /// <param name="perSecond">Tasks a second; 0: no limit.</param>
    /// <param name="fault">What Python raises where it is none.</param>
    public static bool TryParse(string text, out double perSecond, [NotNullWhen(false)] out PythonFault? fault)
    {
        perSecond = 0;
        fault = null;
        if (text.Length == 0)
            return true;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string count = slash < 0 ? text : text[..slash];
        string unit = slash < 0 ? "" : text[(slash + 1)..];
        double? seconds = unit switch
        {
            "" or "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => null,
        };
        if (seconds is not { } length)
            fault = PythonFault.Of("KeyError", unit);
        else if (!double.TryParse(count, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) || !double.IsFinite(number))
            fault = PythonFault.Of("ValueError", $"could not convert string to float: {PythonFault.Quote(count)}");
        else
            perSecond = Math.Max(0, number / length);
        return fault is null;
    }
}
