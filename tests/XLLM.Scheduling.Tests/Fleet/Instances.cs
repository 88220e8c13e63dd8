using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;

namespace XLLM.Scheduling.Tests.Fleet;

/// <summary>Short ways to write down instances.</summary>
internal static class Instances
{
    public static InstanceId Id(string silo) => InstanceId.Of(silo, "cpu0");

    public static InstanceDescriptor Descriptor(string silo, long epoch = 1) => new()
    {
        Id = Id(silo),
        Epoch = epoch,
        Model = new ModelCard { Name = "demo", Family = "llama", Path = "demo", ContextLength = 2048, VocabularySize = 256 },
        BlockTokens = 16,
        TotalBlocks = 1000,
        MaxRunning = 8,
        MaxWaiting = 8,
    };

    public static LoadReport Report(string silo, long sequence, long epoch = 1, int running = 0, int waiting = 0) => new()
    {
        Instance = Id(silo), Epoch = epoch, Sequence = sequence, Running = running, Waiting = waiting,
    };

    public static InstanceStatus Ready(string silo, int running = 0, int waiting = 0) => new()
    {
        Descriptor = Descriptor(silo),
        Health = InstanceHealth.Ready,
        Load = Report(silo, 1, running: running, waiting: waiting),
    };

    public static FleetSnapshot Snapshot(params InstanceStatus[] instances) =>
        new() { Version = new FleetVersion(7), Instances = [.. instances] };
}
