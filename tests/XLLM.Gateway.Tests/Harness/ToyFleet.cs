using System.Collections.Immutable;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;
using XLLM.Gateway.Models;
using XLLM.Text.Answers;

namespace XLLM.Gateway.Tests.Harness;

/// <summary>A fleet with one ready instance of model 'toy', and what tests make of it.</summary>
internal sealed class ToyFleet : IFleetView, IModelReadiness, IModelTextLoader
{
    public const string ModelName = "toy";
    public const int ContextLength = 2048;
    public const int BlockTokens = 16;

    public static readonly InstanceId Instance = InstanceId.Of("silo", "cpu0");

    public FleetSnapshot Snapshot { get; set; } = new()
    {
        Version = new FleetVersion(1),
        Instances = [StatusOf(ModelName, Instance)],
    };

    public ModelReadiness Current { get; set; } = new() { State = ReadinessState.Ready, Progress = 1 };

    /// <summary>What the toy's template teaches; set it before the first request.</summary>
    public AnswerFormat Format { get; set; } = AnswerFormat.Plain;

    public SamplingDefaults Defaults { get; set; } = SamplingDefaults.None;

    public static InstanceStatus StatusOf(string model, InstanceId instance, int contextLength = ContextLength) => new()
    {
        Descriptor = new InstanceDescriptor
        {
            Id = instance,
            Epoch = 1,
            BlockTokens = BlockTokens,
            TotalBlocks = 100,
            Model = new ModelCard
            {
                Name = model,
                Family = "toy",
                Path = "/nowhere",
                ContextLength = contextLength,
                VocabularySize = ToyCodec.VocabularySize,
                EndTokens = [ToyCodec.End],
                EmbeddingSize = ScriptedRun.EmbeddingSize,
                Pooling = PoolingKind.Last,
            },
        },
        Health = InstanceHealth.Ready,
        Load = new LoadReport { Instance = instance, Running = 3, Waiting = 2, FreeBlocks = 75, TotalBlocks = 100, Preemptions = 7 },
    };

    /// <summary>What the toy's router says; null = it does not answer.</summary>
    public RoutingView? Routing { get; set; } = new()
    {
        Policy = "toy", InFlight = 2, Instances = [new(Instance, "Decode")], Moves = ["10:00:00.000 silo/cpu0 - -> Decode (joined)"],
    };

    /// <summary>What the instance's audit finds.</summary>
    public IReadOnlyList<string> Faults { get; set; } = [];

    public ValueTask<FleetSnapshot> GetAsync() => new(Snapshot);

    public Task<RoutingView?> GetRoutingAsync() => Task.FromResult(Routing);

    /// <summary>What block owners know.</summary>
    public ImmutableArray<PrefixTree> Prefixes { get; set; } = [];

    public Task<ImmutableArray<PrefixTree>> GetPrefixesAsync(int maxSegments) => Task.FromResult(Prefixes);

    public Task<IReadOnlyList<string>> AuditAsync(InstanceId instance) => Task.FromResult(Faults);

    public Task<ModelReadiness> WhenSettledAsync(CancellationToken cancellationToken = default) => Task.FromResult(Current);

    public ModelText Load(ModelCard card, string path) => new(new ToyCodec(), new ToyRenderer(Format), Defaults);
}
