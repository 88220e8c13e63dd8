using XLLM.Simulator.Devices;
using XLLM.Simulator.Load;
using XLLM.Simulator.Results;
using XLLM.Simulator.Running;

namespace XLLM.Simulator.Tests;

/// <summary>Short ways to run a fleet.</summary>
internal static class Runs
{
    public static SimulationOptions Options(string policy, int instances = 8) => new()
    {
        Device = DeviceProfiles.Gpu, Instances = instances, Policy = PolicySetup.Parse(policy, instances),
    };

    public static SimArrival[] Poisson(int count = 1000, double rate = 30, int prompt = 1500, int output = 60, int seed = 1) =>
        PoissonLoad.Of(count, rate, prompt, output, seed);

    /// <summary>Calm and storm in turn, 20 s each, with long prompts as Azure's code trace has them.</summary>
    public static SimArrival[] Bursts(int count, double rate, int seed = 1)
    {
        Random chance = new(seed);
        List<SimArrival> load = [];
        double now = 0;
        while (load.Count < count)
        {
            double local = (int)(now / 20) % 2 == 0 ? rate * 0.2 : rate * 1.8;
            now -= Math.Log(1 - chance.NextDouble()) / local;
            load.Add(new SimArrival(now, 200 + chance.Next(4000), 5 + chance.Next(50)));
        }

        return [.. load];
    }

    public static SimulationResult Run(string policy, SimArrival[] load, int instances = 8) => Simulation.Run(Options(policy, instances), load);
}
