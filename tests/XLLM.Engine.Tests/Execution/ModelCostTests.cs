using XLLM.Engine.Execution;
using XLLM.Engine.Interop;
using XLLM.Engine.Memory;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Execution;

public sealed class ModelCostTests
{
    [SharedFact("models/SmolLM2-135M-Instruct.Q4_1.gguf")]
    public void The_costs_of_SmolLM2_are_those_of_its_shapes()
    {
        ModelCost cost = ModelCost.Read(SharedData.Find("models", "SmolLM2-135M-Instruct.Q4_1.gguf")!, KvType.F16);
        Assert.Equal(30L * ((576 * 576 * 2) + (576 * 192 * 2) + (3 * 576 * 1536)), cost.LayerMacs);
        Assert.Equal(49152L * 576, cost.HeadMacs);
        Assert.Equal((cost.LayerMacs / 32 * 20) + (cost.HeadMacs / 32 * 34), cost.MatrixBytes);
        Assert.Equal(30L * 2 * 9 * 64 * (101 + 102), cost.AttentionMacs(100, 2));
        Assert.Equal(30L * 2 * 3 * 64 * 2 * 100, cost.KvBytes(100));
    }

    [Fact]
    public void Probes_give_rates_and_refuse_times_out_of_range()
    {
        Assert.All(Enum.GetValues<ProbeKind>(), k => Assert.InRange(MachineProbe.Measure(k, EngineIsa.Auto, 1, 0.01), 1e7, 1e16));
        Assert.Throws<NativeException>(() => MachineProbe.Measure(ProbeKind.Int8, EngineIsa.Auto, 1, 0));
    }
}
