using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Tests.Loop;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Transfer;

/// <summary>
/// An engine in a process of its own: says "ready", then does what it is told line by line. <c>run SEED PROMPT TOKENS</c> prints
/// the tokens of a request as they come, then "end".
/// </summary>
internal static class PeerProcess
{
    public const long Epoch = 11;

    public static InstanceId Instance { get; } = InstanceId.Of("peer", "engine");

    public static ModelOptions Options { get; } = new() { KvBlocks = 100, KvShared = true, GuestBlocks = 400, Threads = 1 };

    public static InferenceRequest Request(int seed, int prompt, int tokens) => EngineHarness.Request(
        EngineHarness.Prompt(seed, prompt, 4_000), tokens, new SamplingOptions { Temperature = 1, Seed = 3, RepetitionPenalty = 1.1f });

    public static async Task<int> Main()
    {
        await using EngineLoop loop = EngineLoop.Start(
            Instance, Epoch, ModelLoader.Load(SharedData.DemoModel, Options), new EngineLoopOptions(), TimeProvider.System,
            NullLogger.Instance);
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } line && line.Split(' ') is ["run", string seed, string prompt, string tokens])
        {
            InferenceRequest request = Request(Number(seed), Number(prompt), Number(tokens));
            await loop.StartAsync(request, (await loop.ReserveAsync(request)).Lease!);
            bool ended = false;
            while (!ended)
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

            Console.WriteLine("end");
        }

        return 0;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
