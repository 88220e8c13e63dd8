using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Testing.Cluster;

namespace XLLM.Cluster.Tests.Failover;

/// <summary>Embeddings go between silos, and an instance that is lost while it computes some costs none.</summary>
public sealed class EmbeddingLossTests
{
    private const int Load = 24;

    [Theory]
    [InlineData(PoolingKind.Last)]
    [InlineData(PoolingKind.Mean)]
    public async Task Embeddings_are_computed_elsewhere_to_the_bit_when_their_instance_is_killed(PoolingKind pooling)
    {
        int steps = int.MinValue;
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var factory = new SimulatedEngineFactory(FailoverCluster.Model)
        {
            OnStep = (_, _) =>
            {
                if (Interlocked.Increment(ref steps) == Load * 4)
                {
                    reached.TrySetResult();
                }

                Thread.SpinWait(20_000);
                return Task.CompletedTask;
            },
        };
        await FailoverCluster.Of(3).EnginesFrom(factory).RunAsync(async cluster =>
        {
            InferenceRequest[] requests =
            [
                .. Enumerable.Range(1, Load).Select(i => TestCluster.Request(i % 20, maxTokens: 1, promptTokens: 200 + i) with { Pooling = pooling }),
            ];
            float[][] expected = await RunAsync(cluster.Gateway, requests);

            Interlocked.Exchange(ref steps, (Load * 4) - 20);
            Task<float[][]> running = RunAsync(cluster.Gateway, requests);
            await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await cluster.KillAsync(1);

            float[][] found = await running;
            Assert.All(expected, v => Assert.Equal(FailoverCluster.Model.EmbeddingSize, v.Length));
            Assert.Equal(expected.SelectMany(v => v.Select(BitConverter.SingleToInt32Bits)), found.SelectMany(v => v.Select(BitConverter.SingleToInt32Bits)));
        });
    }

    private static async Task<float[][]> RunAsync(TestGateway gateway, InferenceRequest[] requests)
    {
        TestStream[] streams = await Task.WhenAll(requests.Select(x => gateway.SubmitAsync(x with { Id = RequestId.New() })));
        TokenChunk[] last = await Task.WhenAll(streams.Select(x => x.LastAsync()));
        Assert.All(streams, x => Assert.Empty(x.Faults));
        Assert.All(last, x => Assert.Equal(RequestOutcome.CompletedStop, x.Outcome));
        return [.. last.Select(x => x.Embedding.ToArray())];
    }
}
