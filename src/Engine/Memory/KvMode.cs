namespace XLLM.Engine.Memory;

/// <summary>How a sequence's KV blocks are found (numbers of xllm.h).</summary>
public enum KvMode
{
    /// <summary>Through a list of block ids.</summary>
    Plain = 0,

    /// <summary>
    /// One after the other in a reserved range of addresses into which they are mapped; plain where the system lacks it, and for
    /// sequences for which there is no range.
    /// </summary>
    Virtual = 1,
}
