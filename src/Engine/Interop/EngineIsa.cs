namespace XLLM.Engine.Interop;

/// <summary>Instruction sets the CPU kernels can be run with. All give the same bits.</summary>
public enum EngineIsa
{
    /// <summary>The best this machine has.</summary>
    Auto = 0,
    Scalar = 1,
    Avx2 = 2,
    Avx512 = 3,
}
