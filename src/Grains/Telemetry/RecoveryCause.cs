namespace XLLM.Grains.Telemetry;

/// <summary>Why a request had to go on elsewhere.</summary>
internal enum RecoveryCause
{
    /// <summary>The instance, or the way to it, was lost.</summary>
    Lost = 0,

    /// <summary>The instance's engine failed.</summary>
    Failed = 1,

    /// <summary>The instance drained and handed it over.</summary>
    Drained = 2,
}
