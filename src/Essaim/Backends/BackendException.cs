namespace Essaim;

/// <summary>A backend cannot be opened or used: wrong URL, missing package, damaged or newer file, no permission, no space.</summary>
public sealed class BackendException(string code, string message, Exception? inner = null) : EssaimException(code, message, inner);
