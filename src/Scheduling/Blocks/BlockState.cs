namespace XLLM.Scheduling.Blocks;

/// <summary>What a KV block is used for.</summary>
public enum BlockState : byte
{
    /// <summary>Content is worthless; can be had at once.</summary>
    Free = 0,

    /// <summary>Held by at least one sequence. It may be in the prefix index too.</summary>
    Allocated = 1,

    /// <summary>Held by nobody, content in the prefix index; can be had by evicting it.</summary>
    Cached = 2,

    /// <summary>Another pool's now: neither its content nor its id may be used.</summary>
    Foreign = 3,
}
