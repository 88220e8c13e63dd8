using System.Collections.Immutable;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Scheduling.Blocks;

namespace XLLM.Cli.Bench.Loop;

/// <summary>
/// Measures an engine as a user of it: requests in, chunks out, sampling included.
/// </summary>
internal sealed class LoopBench(IInferenceEngine engine, TimeProvider time, int seed)
{
    /// <summary>What every output has to be; null = any.</summary>
    public OutputStructure? Structure { get; init; }

    /// <summary>Tokens that requests may have beyond those measured, so that no output comes to its end.</summary>
    public int MoreTokens { get; init; }

    private readonly Random _random = new(seed);
    private readonly BlockHasher _hasher = new(engine.Descriptor.BlockTokens);

    /// <summary>Seconds from sending a request to its only token.</summary>
    public async Task<double> FirstTokenAsync(ImmutableArray<int> prompt, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        RequestId request = await StartAsync(prompt, 1, cancellationToken);
        await foreach (EngineOutput output in engine.Outputs.ReadAllAsync(cancellationToken))
        {
            ThrowIfFailed(output);

            // Ends of requests before it may still be unread.
            if (output.Chunks.Any(c => c.Request == request && c.Outcome != RequestOutcome.None))
            {
                break;
            }
        }

        return time.GetElapsedTime(started).TotalSeconds;
    }

    public ImmutableArray<int> RandomPrompt(int tokens) =>
        [.. Enumerable.Range(0, tokens).Select(_ => _random.Next(engine.Descriptor.Model.VocabularySize))];

    /// <summary>Tokens a second of all streams together, from the moment the last of them has its first token.</summary>
    public async Task<double> DecodeAsync(int streams, int prompt, int decode, CancellationToken cancellationToken)
    {
        // The first streams go on decoding while the last prompts are computed: what they make then is not counted.
        int slack = streams * ((prompt / engine.Descriptor.BlockTokens) + 2);
        HashSet<RequestId> waiting = [];
        for (int i = 0; i < streams; i++)
        {
            waiting.Add(await StartAsync(RandomPrompt(prompt), decode + slack, cancellationToken));
        }

        List<RequestId> all = [.. waiting];
        long started = 0;
        long last = 0;
        int tokens = 0;
        int wanted = streams * decode;
        await foreach (EngineOutput output in engine.Outputs.ReadAllAsync(cancellationToken))
        {
            ThrowIfFailed(output);
            last = time.GetTimestamp();
            if (waiting.Count == 0)
            {
                tokens += output.Chunks.Sum(c => c.Tokens.Length);
                if (tokens >= wanted)
                {
                    break;
                }
            }
            else
            {
                foreach (TokenChunk chunk in output.Chunks)
                {
                    waiting.Remove(chunk.Request);
                }

                started = last;
            }
        }

        await EndAsync(all, cancellationToken);
        return tokens / time.GetElapsedTime(started, last).TotalSeconds;
    }

    private async Task<RequestId> StartAsync(ImmutableArray<int> prompt, int maxTokens, CancellationToken cancellationToken)
    {
        InferenceRequest request = new()
        {
            Id = RequestId.New(),
            Model = engine.Descriptor.Model.Name,
            PromptTokens = prompt,
            BlockHashes = _hasher.HashPrompt(prompt.AsSpan()),
            Sampling = SamplingOptions.Greedy,
            Stop = new StopOptions { MaxTokens = maxTokens + MoreTokens },
            Structure = Structure,
            Arrival = time.GetUtcNow(),
        };
        LeaseResult lease = await engine.ReserveAsync(request, cancellationToken);
        if (lease.Lease is null || !await engine.StartAsync(request, lease.Lease, cancellationToken))
        {
            throw new ArgumentException($"The engine refuses the measurement: {lease.Message ?? "stale lease"}");
        }

        return request.Id;
    }

    private async Task EndAsync(List<RequestId> requests, CancellationToken cancellationToken)
    {
        HashSet<RequestId> open = [];
        foreach (RequestId request in requests)
        {
            if (await engine.EndAsync(request, RequestOutcome.Cancelled))
            {
                open.Add(request);
            }
        }

        while (open.Count > 0)
        {
            EngineOutput output = await engine.Outputs.ReadAsync(cancellationToken);
            foreach (TokenChunk chunk in output.Chunks.Where(c => c.Outcome != RequestOutcome.None))
            {
                open.Remove(chunk.Request);
            }
        }
    }

    private static void ThrowIfFailed(EngineOutput output)
    {
        if (output.Chunks.FirstOrDefault(c => c.Outcome is RequestOutcome.EngineFailed or RequestOutcome.InstanceLost) is { } failed)
        {
            throw new ArgumentException($"The engine failed: {failed.Error}");
        }
    }
}
