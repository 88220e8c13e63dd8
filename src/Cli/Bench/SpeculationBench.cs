using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;

namespace XLLM.Cli.Bench;

/// <summary>Decodes the same prompts on an engine, as a user of it: requests in, chunks out.</summary>
internal sealed class SpeculationBench(IInferenceEngine engine, TimeProvider time)
{
    /// <summary>
    /// Runs all prompts at once and reads them to their end, greedily, or at temperature 1 with seeds from
    /// <paramref name="firstSeed"/> on. The speed is that of all tokens that come after the last request has its first.
    /// </summary>
    public async Task<SpeculationPoint> RunAsync(
        IReadOnlyList<int[]> prompts, int decode, int? firstSeed, CancellationToken cancellationToken)
    {
        Dictionary<RequestId, List<int>> outputs = [];
        List<RequestId> order = [];
        for (int i = 0; i < prompts.Count; i++)
        {
            InferenceRequest request = Request(prompts[i], decode, firstSeed + i);
            LeaseResult lease = await engine.ReserveAsync(request, cancellationToken);
            outputs.Add(request.Id, []);
            order.Add(request.Id);
            if (lease.Lease is null || !await engine.StartAsync(request, lease.Lease, cancellationToken))
            {
                throw new ArgumentException($"The engine refuses the measurement: {lease.Message ?? "stale lease"}");
            }
        }

        LoadReport before = engine.Load;
        int silent = prompts.Count;
        int open = prompts.Count;
        int tokens = 0;
        long started = 0;
        while (open > 0)
        {
            EngineOutput output = await engine.Outputs.ReadAsync(cancellationToken);
            bool counts = silent == 0;
            foreach (TokenChunk chunk in output.Chunks)
            {
                List<int> of = outputs[chunk.Request];
                silent -= of.Count == 0 && chunk.Tokens.Length > 0 ? 1 : 0;
                of.AddRange(chunk.Tokens.Select(token => token.Id));
                tokens += counts ? chunk.Tokens.Length : 0;
                open -= chunk.Outcome != RequestOutcome.None ? 1 : 0;
                if (chunk.Outcome is RequestOutcome.EngineFailed or RequestOutcome.InstanceLost)
                {
                    throw new ArgumentException($"The engine failed: {chunk.Error}");
                }
            }

            if (!counts && silent == 0)
            {
                started = time.GetTimestamp();
                before = engine.Load;
            }
        }

        double seconds = time.GetElapsedTime(started).TotalSeconds;
        string all = string.Join(';', order.Select(id => string.Join(',', outputs[id])));
        return SpeculationPoint.Of(tokens / seconds, all, before, engine.Load);
    }

    private InferenceRequest Request(int[] prompt, int decode, int? seed) => new()
    {
        Id = RequestId.New(),
        Model = engine.Descriptor.Model.Name,
        PromptTokens = [.. prompt],
        Sampling = seed is { } its ? new SamplingOptions { Temperature = 1, Seed = (ulong)its } : SamplingOptions.Greedy,
        Stop = new StopOptions { MaxTokens = decode },
        Arrival = time.GetUtcNow(),
    };
}
