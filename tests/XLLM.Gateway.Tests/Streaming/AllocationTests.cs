using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Blocks;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Models;
using XLLM.Gateway.OpenAi;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Gateway.Streaming;
using XLLM.Gateway.Telemetry;
using XLLM.Gateway.Tests.Harness;
using XLLM.Scheduling.Blocks;

namespace XLLM.Gateway.Tests.Streaming;

/// <summary>Memory the gateway takes for a streamed token, from the hub to the connection's buffer.</summary>
public sealed class AllocationTests(Xunit.Abstractions.ITestOutputHelper output)
{
    private const int Tokens = 20_000;
    private const int MostBytesPerToken = 64;

    [Fact]
    public async Task A_streamed_token_takes_little_memory()
    {
        await MeasureAsync();
        var clock = Stopwatch.StartNew();
        long bytes = await MeasureAsync();
        output.WriteLine($"{bytes} bytes a token, {clock.Elapsed.TotalMicroseconds / Tokens:F2} us a token with the making of its chunk");
        Assert.InRange(bytes, 0, MostBytesPerToken);
    }

    // All chunks are there before the reader begins, so everything runs on this thread; chunks are made outside of the count.
    private static async Task<long> MeasureAsync()
    {
        var options = new GatewayOptions { HighWaterTokens = 65_536 };
        var fleet = new ToyFleet();
        var card = ToyFleet.StatusOf("toy", ToyFleet.Instance, contextLength: Tokens * 2).Descriptor.Model;
        var model = new ServedModel(card, ToyFleet.BlockTokens, fleet.Load(card, ""));
        var parameters = new GenerationParameters { Stream = true };
        InferenceRequest request = new RequestPlanner(options, TimeProvider.System, new RandomSeedSource(), new PromptHasher(new BlockHashKey(1)))
            .Plan(model, parameters, [[1, 2, 3]])[0];
        var hub = new GatewayTokenHub();
        var choice = new Choice(
            0, request, model.Codec.NewStream(true, []), new StopStringFilter(["STOP"], false), new ChoiceMetrics(new ModelMetrics(), TimeProvider.System, 0));
        var backend = new ScriptedBackend(hub) { OnSubmit = _ => ScriptedRun.Accept() };
        await using var session = new GenerationSession(
            backend, hub, options, TimeProvider.System, NullLogger.Instance, [choice], default);
        await session.SubmitAsync();
        ScriptedRun run = backend.Runs.Single();
        ImmutableArray<GeneratedToken> token = [new GeneratedToken('a')];
        for (int i = 0; i < Tokens; i++)
        {
            run.Push(token);
        }

        run.Finish(RequestOutcome.CompletedStop);
        var context = new DefaultHttpContext();
        context.Response.Body = Stream.Null;
        var head = new AnswerHead("chatcmpl-1", 1, model, parameters);
        long made = GC.GetAllocatedBytesForCurrentThread();
        await new SseAnswer(context.Response, head, new ChatShape(model.Codec, XLLM.Gateway.Generation.AnswerReading.Plain)).WriteAsync(session);
        return (GC.GetAllocatedBytesForCurrentThread() - made) / Tokens;
    }
}
