namespace Essaim;

/// <summary>How one thing <c>doctor</c> looked at is.</summary>
internal enum DoctorStatus
{
    Ok,
    Warn,
    Fail,
}

/// <summary>One line of <c>doctor</c>.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Status">How it is.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Advice">What to do about it; null where nothing is to be done.</param>
internal sealed record DoctorFinding(string Check, DoctorStatus Status, string Detail, string? Advice = null);
