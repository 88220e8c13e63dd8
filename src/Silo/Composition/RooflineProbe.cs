using XLLM.Engine.Interop;
using XLLM.Silo.Configuration;

namespace XLLM.Silo.Composition;

/// <summary>Measures what a silo's device can do at most.</summary>
public static class RooflineProbe
{
    // A tenth of a second each is within a few percent of a long run, and starting processes pay it.
    private const double Seconds = 0.1;

    /// <summary>
    /// The figures that are given, and measured ones in place of zeros. Blocks for about 0.3 s and uses the threads fully: not
    /// beside a running engine. Throws <see cref="NativeException"/> when the instruction set is not there.
    /// </summary>
    /// <param name="known">Figures; those above 0 are kept.</param>
    /// <param name="isa">auto, scalar, avx2 or avx512.</param>
    /// <param name="threads">0 = the cores granted to the process.</param>
    public static RooflineOptions Measure(RooflineOptions known, string isa, int threads)
    {
        EngineIsa path = Enum.Parse<EngineIsa>(isa, ignoreCase: true);
        double Rate(double given, ProbeKind kind) => given > 0 ? given : MachineProbe.Measure(kind, path, threads, Seconds);
        return new RooflineOptions
        {
            ReadBytesPerSecond = Rate(known.ReadBytesPerSecond, ProbeKind.Read),
            Int8PerSecond = Rate(known.Int8PerSecond, ProbeKind.Int8),
            Fp32PerSecond = Rate(known.Fp32PerSecond, ProbeKind.Fp32),
        };
    }
}
