using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Engine.Simulated;
using XLLM.Testing.Cluster;

namespace XLLM.Cluster.Tests.Failover;

/// <summary>What the failover tests share: quick detection, a model, and a request in which everything depends on what came before.</summary>
internal static class FailoverCluster
{
    public static SimulatedModelOptions Model { get; } = new() { Name = "demo", EndToken = -1, MaxTokens = 64 };

    /// <summary>A gateway on silo 0, engines on the others; a silent instance is dead after 800 ms.</summary>
    public static ClusterScenario Of(int silos) => ClusterScenario.Of(silos)
        .EnginesOnlyOn([.. Enumerable.Range(1, silos - 1)])
        .With(x =>
        {
            x.Routing.Policy = "round-robin";
            x.Fleet = XLLM.Scheduling.Fleet.FleetOptions.ForCluster();
            // A slow machine may take a living instance for dead; that is no fault, and must not end a request.
            x.Requests.MaxRecoveries = 100;
        });

    /// <summary>Seeded sampling with penalties, a bias and log probabilities; 100 prompt tokens are more than a step takes.</summary>
    public static InferenceRequest Request(int seed = 1, int maxTokens = 40) => TestCluster.Request(seed, maxTokens, promptTokens: 100) with
    {
        Arrival = DateTimeOffset.UtcNow,
        Sampling = new SamplingOptions
        {
            Temperature = 1.1f,
            TopP = 0.95f,
            Seed = (ulong)seed * 7919,
            PresencePenalty = 0.7f,
            FrequencyPenalty = 0.4f,
            RepetitionPenalty = 1.2f,
            LogitBias = [new TokenBias(7, 1.5f)],
        },
        Logprobs = new LogprobOptions { Chosen = true, Top = 3 },
    };

    /// <summary>What the request gives when nothing goes wrong.</summary>
    public static async Task<TestStream> UndisturbedAsync(TestCluster cluster, InferenceRequest request)
    {
        TestStream stream = await cluster.Gateway.SubmitAsync(request with { Id = RequestId.New() });
        await stream.LastAsync();
        return stream;
    }

    /// <summary>One unbroken stream, with the tokens, log probabilities, end and count of an undisturbed run.</summary>
    public static async Task AssertSameAsync(TestStream expected, TestStream stream)
    {
        TokenChunk last = await stream.LastAsync();
        TokenChunk undisturbed = await expected.LastAsync();
        Assert.Empty(stream.Faults);
        Assert.Equal(expected.Details, stream.Details);
        Assert.Equal(undisturbed.Outcome, last.Outcome);
        Assert.Equal(undisturbed.Usage!.GeneratedTokens, last.Usage!.GeneratedTokens);
        Assert.Equal(undisturbed.Usage.PromptTokens, last.Usage.PromptTokens);
    }
}
