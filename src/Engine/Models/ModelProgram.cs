using XLLM.Engine.Interop;
using XLLM.Engine.Interop.Raw;

namespace XLLM.Engine.Models;

/// <summary>
/// A recorded model: buffers, ops, rotary tables, the tensors it needs, the buffer that holds the logits, and where its hidden
/// states are (null = it gives none).
/// </summary>
internal sealed record ModelProgram(
    NativeBuffer[] Buffers,
    NativeOp[] Ops,
    RopeTable[] Ropes,
    IReadOnlyList<WeightRequest> Weights,
    int Logits,
    HiddenStates? Hidden = null);
