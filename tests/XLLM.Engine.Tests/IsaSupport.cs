using XLLM.Engine.Interop;

namespace XLLM.Engine.Tests;

/// <summary>Instruction sets that this machine has.</summary>
internal static class IsaSupport
{
    public static IReadOnlyList<EngineIsa> All { get; } =
        [.. new[] { EngineIsa.Scalar, EngineIsa.Avx2, EngineIsa.Avx512 }.Where(Has)];

    /// <summary>A library that cannot be loaded counts as having all, so that the tests fail instead of being skipped.</summary>
    public static bool Has(EngineIsa isa)
    {
        try
        {
            return NativeTypes.IsSupported(isa);
        }
        catch (NativeException)
        {
            return true;
        }
    }
}
