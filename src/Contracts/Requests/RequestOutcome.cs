namespace XLLM.Contracts.Requests;

/// <summary>How a request ended. Every request ends in exactly one; docs/errors.md maps each to HTTP.</summary>
public enum RequestOutcome
{
    /// <summary>Not ended yet; never reported.</summary>
    None = 0,

    /// <summary>A stop token or stop string came.</summary>
    CompletedStop = 1,

    /// <summary>The token limit or the context's end was reached.</summary>
    CompletedLength = 2,

    /// <summary>The client left or cancelled.</summary>
    Cancelled = 3,

    /// <summary>The request was malformed or out of range.</summary>
    RejectedInvalid = 4,

    /// <summary>Prompt and wanted output do not fit the model's context, or the KV pool.</summary>
    RejectedTooLong = 5,

    /// <summary>Queues are full; try again later.</summary>
    RejectedCapacity = 6,

    /// <summary>The request waited longer than its deadline.</summary>
    ExpiredInQueue = 7,

    /// <summary>No model of that name is served.</summary>
    ModelNotFound = 8,

    /// <summary>The model exists, but no instance can take work now.</summary>
    NoInstance = 9,

    /// <summary>The engine failed while working on the request.</summary>
    EngineFailed = 10,

    /// <summary>The instance or its silo went away and the request could not be resumed.</summary>
    InstanceLost = 11,

    /// <summary>The request took longer than the gateway allows; only gateways end requests so.</summary>
    TimedOut = 12,
}
