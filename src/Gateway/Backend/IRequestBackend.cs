using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;

namespace XLLM.Gateway.Backend;

/// <summary>The house behind the gateway: requests go in here, their tokens come back through the token hub. Any thread.</summary>
internal interface IRequestBackend
{
    /// <summary>Hands a request over. Its chunks may arrive before this completes.</summary>
    Task<SubmitResult> SubmitAsync(InferenceRequest request);

    /// <summary>Ends a request; no effect once it has ended.</summary>
    Task EndAsync(RequestId request, RequestOutcome outcome);

    /// <summary>How the request's runs were brought onto instances, while the house remembers it.</summary>
    Task<ImmutableArray<RunStart>> GetStartsAsync(RequestId request);

    /// <summary>Holds (true) or resumes (false) a request whose reader is slow.</summary>
    Task SetPausedAsync(RequestId request, bool paused);
}
