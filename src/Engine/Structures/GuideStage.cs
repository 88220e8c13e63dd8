namespace XLLM.Engine.Structures;

/// <summary>Who has a guide: one of three.</summary>
internal enum GuideStage
{
    /// <summary>A worker: it compiles, replays, or works a mask out.</summary>
    Working = 0,

    /// <summary>Whoever draws the next token: its mask is known.</summary>
    Ready = 1,

    /// <summary>Nobody: the structure cannot be kept.</summary>
    Failed = 2,
}
