using XLLM.Contracts.Requests;

namespace XLLM.Testing.Engines;

internal sealed class FakeRun(InferenceRequest request)
{
    public InferenceRequest Request { get; } = request;

    public int Generated { get; set; }
}
