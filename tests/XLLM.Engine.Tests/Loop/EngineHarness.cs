using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Simulated;
using XLLM.Engine.Structures;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Tests.Loop;

/// <summary>An engine with a reader that sorts its output by request and checks the stream's rules on the way.</summary>
internal sealed class EngineHarness : IAsyncDisposable
{
    private readonly ConcurrentDictionary<RequestId, Generation> _generations = [];
    private readonly Task _reader;

    public EngineHarness(IModelRunner runner, EngineLoopOptions? options = null, TimeProvider? time = null, bool read = true,
        IModelRunner? draft = null, string silo = "silo", OutputStructures? structures = null)
    {
        Time = time ?? TimeProvider.System;
        Loop = EngineLoop.Start(
            InstanceId.Of(silo, "sim0"), 7, runner, options ?? new EngineLoopOptions(), Time, NullLogger.Instance, draft, structures);
        _reader = read ? Task.Run(ReadAsync) : Task.CompletedTask;
    }

    public EngineHarness(
        SimulatedModelOptions model, EngineLoopOptions? options = null, Action<StepInput>? beforeStep = null)
        : this(new SimulatedModelRunner(model, beforeStep), options)
    {
    }

    public EngineLoop Loop { get; }

    public TimeProvider Time { get; }

    public static InferenceRequest Request(
        int[] prompt, int maxTokens, SamplingOptions? sampling = null, int blockTokens = 16, int[]? stop = null) => new()
        {
            Id = RequestId.New(),
            Model = "simulated",
            PromptTokens = [.. prompt],
            BlockHashes = new BlockHasher(blockTokens).HashPrompt(prompt),
            Sampling = sampling ?? SamplingOptions.Greedy,
            Stop = new StopOptions { MaxTokens = maxTokens, StopTokenIds = stop is null ? [] : [.. stop] },
            Arrival = DateTimeOffset.UtcNow,
        };

    public static int[] Prompt(int seed, int length, int vocabulary = 256)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(1, vocabulary))];
    }

    /// <summary>Reserves and starts; fails the test when the engine refuses.</summary>
    public async Task<Generation> StartAsync(InferenceRequest request)
    {
        Generation generation = _generations.GetOrAdd(request.Id, _ => new Generation(request.Resumed.Length));
        LeaseResult result = await Loop.ReserveAsync(request);
        Assert.True(result.Lease is not null, result.Message);
        Assert.True(await Loop.StartAsync(request, result.Lease));
        return generation;
    }

    /// <summary>Runs a request to its end.</summary>
    public async Task<Generation> RunAsync(InferenceRequest request)
    {
        Generation generation = await StartAsync(request);
        await generation.Ended.WaitAsync(TimeSpan.FromSeconds(60));
        return generation;
    }

    /// <summary>
    /// Runs requests together: the first step waits at the gate, which is closed, until all have arrived, so that they share
    /// the batch however slow the machine is.
    /// </summary>
    public async Task<Generation[]> RunTogetherAsync(StepGate gate, params InferenceRequest[] requests)
    {
        List<Generation> generations = [];
        foreach (InferenceRequest request in requests)
        {
            generations.Add(await StartAsync(request));
            if (generations.Count == 1)
            {
                await gate.ArrivedAsync();
            }
        }

        gate.Open();
        await Task.WhenAll(generations.Select(generation => generation.Ended)).WaitAsync(TimeSpan.FromSeconds(60));
        return [.. generations];
    }

    public Generation Of(InferenceRequest request) =>
        _generations.GetOrAdd(request.Id, _ => new Generation(request.Resumed.Length));

    public async Task AssertSoundAsync() => Assert.Empty(await Loop.CheckIntegrityAsync());

    public async ValueTask DisposeAsync()
    {
        await Loop.DisposeAsync();
        await _reader.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Empty(await Loop.CheckIntegrityAsync());
    }

    private async Task ReadAsync()
    {
        await foreach (EngineOutput output in Loop.Outputs.ReadAllAsync())
        {
            foreach (TokenChunk chunk in output.Chunks)
            {
                Generation generation = _generations.GetOrAdd(chunk.Request, _ => new Generation());
                try
                {
                    generation.Take(chunk);
                }
                catch (Exception error)
                {
                    generation.Fail(error);
                }
            }

            output.Return();
        }
    }
}
