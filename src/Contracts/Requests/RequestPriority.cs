namespace XLLM.Contracts.Requests;

/// <summary>Service class of a request.</summary>
public enum RequestPriority
{
    /// <summary>Somebody waits for every word; goes before all others in the waiting queue.</summary>
    Interactive = -1,

    /// <summary>Somebody waits for it; latency objectives hold.</summary>
    Online = 0,

    /// <summary>Batch work; takes what online work leaves.</summary>
    Offline = 1,
}
