namespace Essaim.Sandbox;

/// <summary>Why a run ended.</summary>
internal enum EndReason
{
    /// <summary>It ended by itself, with exit code 0.</summary>
    Ok,

    /// <summary>It ended with another exit code, by a signal of its own, or was refused before any of it ran.</summary>
    Error,

    /// <summary>Its time was over.</summary>
    Timeout,

    /// <summary>Somebody cancelled it.</summary>
    Cancelled,

    /// <summary>It needed more memory than it has.</summary>
    Oom,

    /// <summary>It left more in its output folder than it may.</summary>
    Disk,

    /// <summary>It wrote far more to its log than is kept.</summary>
    Output,

    /// <summary>The process that held it is gone, or was told to stop with the machine. To be run again.</summary>
    Lost,

    /// <summary>The sandbox could not be made, or not taken down: not the program's fault. To be run elsewhere.</summary>
    Sandbox,
}
