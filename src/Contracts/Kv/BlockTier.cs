namespace XLLM.Contracts.Kv;

/// <summary>Where an instance keeps a KV block, fastest first.</summary>
public enum BlockTier
{
    /// <summary>In the engine's pool: a hit costs nothing.</summary>
    Pool = 0,

    /// <summary>In host memory beside the pool.</summary>
    Host = 1,

    /// <summary>In a file.</summary>
    Disk = 2,
}
