using XLLM.Engine.Interop;
using XLLM.Engine.Interop.Raw;

namespace XLLM.Engine.Models;

/// <summary>A recorded model: buffers, ops, rotary tables, the tensors it needs, and the buffer that holds the logits.</summary>
internal sealed record ModelProgram(
    NativeBuffer[] Buffers,
    NativeOp[] Ops,
    RopeTable[] Ropes,
    IReadOnlyList<WeightRequest> Weights,
    int Logits);
