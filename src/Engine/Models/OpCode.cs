namespace XLLM.Engine.Models;

/// <summary>XLLM_OP_*.</summary>
internal enum OpCode
{
    Embed = 1,
    RmsNorm = 2,
    Linear = 3,
    Rope = 4,
    Attention = 5,
    SwiGlu = 6,
    Add = 7,
    Gather = 8,
    Bias = 9,
}
