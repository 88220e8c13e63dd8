using XLLM.Cli.Bench.Points;
using XLLM.Engine.Interop;

namespace XLLM.Cli.Bench.Limits;

/// <summary>Probes the machine again and again during a run; the median counts.</summary>
internal sealed class LimitProbe(EngineIsa isa, int threads, double seconds)
{
    private readonly List<double> _read = [];
    private readonly List<double> _int8 = [];
    private readonly List<double> _fp32 = [];

    public MachineLimits Median => new(Samples.MedianOf(_read), Samples.MedianOf(_int8), Samples.MedianOf(_fp32));

    public void Probe()
    {
        _read.Add(MachineProbe.Measure(ProbeKind.Read, isa, threads, seconds));
        _int8.Add(MachineProbe.Measure(ProbeKind.Int8, isa, threads, seconds));
        _fp32.Add(MachineProbe.Measure(ProbeKind.Fp32, isa, threads, seconds));
    }
}
