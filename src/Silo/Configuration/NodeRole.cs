namespace XLLM.Silo.Configuration;

/// <summary>What a process of a cluster does.</summary>
public enum NodeRole
{
    /// <summary>HTTP and engines.</summary>
    All = 0,

    /// <summary>HTTP only; requests run on the engines of other processes.</summary>
    Gateway = 1,

    /// <summary>Engines only; HTTP for metrics and health.</summary>
    Engine = 2,
}
