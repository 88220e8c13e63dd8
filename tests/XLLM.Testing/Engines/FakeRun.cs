using XLLM.Contracts.Requests;

namespace XLLM.Testing.Engines;

internal sealed class FakeRun(InferenceRequest request)
{
    public InferenceRequest Request { get; } = request;

    /// <summary>Tokens so far, those of earlier runs among them.</summary>
    public int Generated { get; set; } = request.Resumed.Length;
}
