using Essaim;

namespace MusicLibrary;

/// <summary>A program the scanner needs is not on this machine.</summary>
internal sealed class ToolMissingException(string tool, Exception? inner = null) : EssaimException(
    "ESS9001",
    $"The scanner needs {tool}, which is not on this machine's PATH. Install ffmpeg (on Debian: sudo apt-get install ffmpeg) and scan again.", inner);
