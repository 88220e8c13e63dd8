using XLLM.Engine.Interop.Raw;

namespace XLLM.Engine.Interop;

/// <summary>Measures what the machine can do at most, for comparison with what the kernels reach.</summary>
public static unsafe class MachineProbe
{
    /// <summary>
    /// The sum over <paramref name="threads"/> threads at once, for about <paramref name="seconds"/>. Blocks; not beside a step.
    /// </summary>
    /// <param name="isa">Whose instructions are used.</param>
    /// <param name="threads">1 to 256; 0 = the cores granted to the process.</param>
    /// <param name="seconds">Above 0, at most 60.</param>
    /// <exception cref="NativeException">A value is out of range, or the instruction set is not there.</exception>
    public static double Measure(ProbeKind kind, EngineIsa isa, int threads, double seconds)
    {
        using NativeDevice device = NativeDevice.CreateCpu(isa, threads);
        double rate;
        NativeCall.Check(NativeMethods.Probe(device.Handle, (int)kind, seconds, &rate));
        return rate;
    }
}
