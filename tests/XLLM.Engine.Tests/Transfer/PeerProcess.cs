using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Tests.Loop;
using XLLM.Engine.Transfer;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Transfer;

/// <summary>
/// An engine in a process of its own: says "ready", then does what it is told line by line. <c>run SEED PROMPT TOKENS</c> prints
/// the tokens of a request as they come, then "end"; <c>offer PID SEED PROMPT</c> offers a prompt's blocks to that process's engine
/// and prints the slot and the first place; <c>settle</c> ends the offer and prints how; <c>take PID SLOT FIRST SEED PROMPT</c>
/// takes such an offer and prints how many blocks.
/// </summary>
internal sealed class PeerProcess(EngineLoop loop)
{
    public const long Epoch = 11;

    private readonly BlockExchange _exchange = BlockExchange.For(loop.Blocks!)!;
    private BlockOffer? _offer;

    public static InstanceId Instance { get; } = InstanceId.Of("peer", "engine");

    public static ModelOptions Options { get; } = new() { KvBlocks = 100, KvShared = true, GuestBlocks = 400, Threads = 1 };

    public static EngineLoop Start(InstanceId instance) => EngineLoop.Start(
        instance, Epoch, ModelLoader.Load(SharedData.DemoModel, Options), new EngineLoopOptions(), TimeProvider.System,
        NullLogger.Instance);

    /// <summary>The engine of the process that tests.</summary>
    public static InstanceId Tester { get; } = InstanceId.Of("tester", "engine");

    public static InferenceRequest Request(int seed, int prompt, int tokens) => EngineHarness.Request(
        EngineHarness.Prompt(seed, prompt, 4_000), tokens, new SamplingOptions { Temperature = 1, Seed = 3, RepetitionPenalty = 1.1f });

    public static async Task<int> Main()
    {
        await using EngineLoop loop = Start(Instance);
        PeerProcess process = new(loop);
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } line)
        {
            string[] words = line.Split(' ');
            int[] numbers = [.. words.Skip(1).Select(word => int.Parse(word, CultureInfo.InvariantCulture))];
            Console.WriteLine(words[0] switch
            {
                "run" => await process.RunAsync(Request(numbers[0], numbers[1], numbers[2])),
                "offer" => await process.OfferAsync(numbers[0], Request(numbers[1], numbers[2], 1)),
                "settle" => (await process._exchange.SettleAsync(process._offer!)).ToString(),
                "take" => await process.TakeAsync(numbers[0], numbers[1], numbers[2], Request(numbers[3], numbers[4], 1)),
                _ => throw new InvalidOperationException(line),
            });
        }

        return 0;
    }

    private async Task<string> RunAsync(InferenceRequest request)
    {
        await loop.StartAsync(request, (await loop.ReserveAsync(request)).Lease!);
        for (bool ended = false; !ended;)
        {
            EngineOutput output = await loop.Outputs.ReadAsync();
            foreach (TokenChunk chunk in output.Chunks)
            {
                foreach (GeneratedToken token in chunk.Tokens)
                {
                    Console.WriteLine(token.Id.ToString(CultureInfo.InvariantCulture));
                }

                ended |= chunk.Outcome != RequestOutcome.None;
            }

            output.Return();
        }

        return "end";
    }

    private async Task<string> OfferAsync(int receiver, InferenceRequest request)
    {
        await using (IKvPrefill? prefill = await loop.PrefillAsync(request))
        {
            await foreach (KvProgress _ in prefill!.Progress.ReadAllAsync())
            {
            }
        }

        KvChain chain = KvPort.Chain(loop.Blocks!, request);
        PeerPool pool = PeerPool.TryOpen(receiver, Tester, Epoch, loop.Blocks!.Layout)!;
        _offer = await _exchange.OfferAsync(pool, await loop.Blocks.HoldAsync(chain), chain);
        return $"{_offer.Slot} {_offer.First} {_offer.Exclusive}";
    }

    private async Task<string> TakeAsync(int giver, int slot, int first, InferenceRequest request)
    {
        PeerPool pool = PeerPool.TryOpen(giver, Tester, Epoch, loop.Blocks!.Layout)!;
        (KvHold hold, int exchanged) = await _exchange.TakeAsync(pool, slot, KvPort.Chain(loop.Blocks, request), first);
        loop.Blocks.Release(hold);
        return exchanged.ToString(CultureInfo.InvariantCulture);
    }
}
