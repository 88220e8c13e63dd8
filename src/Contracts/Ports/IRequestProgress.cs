using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Ports;

/// <summary>What the gateway sees first of its requests, for the routing and the recovery beside it. A singleton; any thread.</summary>
public interface IRequestProgress
{
    /// <summary>The request's first token has come. Once a request; must return at once.</summary>
    void OnFirstToken(RequestId request);
}
