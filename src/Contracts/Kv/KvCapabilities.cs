namespace XLLM.Contracts.Kv;

/// <summary>Ways in which KV can reach an instance. Two instances use the best one both have.</summary>
[Flags]
public enum KvCapabilities
{
    None = 0,

    /// <summary>Pages of one host's memory that both processes map; nothing is copied.</summary>
    SharedPages = 1,

    /// <summary>A TCP connection beside the actor runtime.</summary>
    Tcp = 2,

    /// <summary>Remote direct memory access. No transport of ours offers it yet.</summary>
    Rdma = 4,

    /// <summary>CUDA memory handles of one host. No transport of ours offers it yet.</summary>
    CudaIpc = 8,
}
