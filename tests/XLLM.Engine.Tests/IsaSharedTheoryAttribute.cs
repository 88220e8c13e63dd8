using XLLM.Engine.Interop;
using XLLM.Testing;

namespace XLLM.Engine.Tests;

/// <summary>A theory over shared files on one instruction set; skipped, with the reason, where either is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class IsaSharedTheoryAttribute : TheoryAttribute
{
    public IsaSharedTheoryAttribute(EngineIsa isa, string needed)
    {
        if (SharedData.Find(needed.Split('/')) is null)
        {
            Skip = $"needs shared/{needed} (set XLLM_SHARED to the folder that has it)";
        }
        else if (!IsaSupport.Has(isa))
        {
            Skip = $"this machine has no {isa}";
        }
    }
}
