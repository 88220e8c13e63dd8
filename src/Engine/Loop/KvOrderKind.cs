namespace XLLM.Engine.Loop;

internal enum KvOrderKind
{
    Hold = 0,

    Allocate = 1,

    Store = 2,

    Release = 3,

    /// <summary>All that the prefix cache has.</summary>
    List = 4,

    /// <summary>A prefill's blocks are no longer needed.</summary>
    EndPrefill = 5,

    /// <summary>Part of a hold is to be given to another pool.</summary>
    Divide = 6,

    /// <summary>Blocks are another pool's now, and others this one's.</summary>
    Exchange = 7,

    /// <summary>Blocks that an engine that is gone had come back for its own.</summary>
    Return = 8,
}
