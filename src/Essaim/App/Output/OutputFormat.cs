namespace Essaim;

/// <summary>How a verb writes its data.</summary>
public enum OutputFormat
{
    /// <summary>Columns for people.</summary>
    Table,

    /// <summary>JSON for scripts.</summary>
    Json,
}
