using XLLM.Engine.Execution;
using XLLM.Engine.Interop;
using XLLM.Engine.Memory;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Execution;

/// <summary>
/// The same tokens give the same logits, bit for bit: whatever the instruction set, thread count, chunks and company.
/// </summary>
public sealed class BitEqualityTests
{
    private const string Families = "golden/families";

    public static TheoryData<string> Names => ["llama", "llama3-rope-tied", "mistral-sliding", "qwen2", "qwen2-yarn", "qwen3"];

    [SharedTheory(Families)]
    [MemberData(nameof(Names))]
    public void Instruction_sets_and_thread_counts_agree_on_every_family(string family) =>
        PathsAgree(SharedData.Find("golden", "families", family)!, 97);

    [Fact]
    public void Instruction_sets_and_thread_counts_agree_on_the_demo_model() => PathsAgree(SharedData.DemoModel, 61);

    [SharedTheory("models/xllm-demo-gguf")]
    [InlineData("Q8_0")]
    [InlineData("Q4_0")]
    [InlineData("Q5_1")]
    [InlineData("Q2_K")]
    [InlineData("Q4_K")]
    [InlineData("Q6_K")]
    public void Instruction_sets_and_thread_counts_agree_on_quantised_weights(string type) =>
        PathsAgree(SharedData.Find("models", "xllm-demo-gguf", $"xllm-demo-{type}.gguf")!, 37);

    [Theory]
    [InlineData(KvType.F16)]
    [InlineData(KvType.F32)]
    [InlineData(KvType.Q8_0)]
    public void A_prompt_in_chunks_ends_in_the_same_logits_as_whole(KvType kv)
    {
        using ModelRunner runner = Load(SharedData.DemoModel, EngineIsa.Auto, 2, kv);
        int[] prompt = Batch.Prompt(runner, 100, 1);
        int[] blocks = Batch.Blocks(runner, 0, 100);
        float[] whole = Batch.Run(runner, (prompt, 0, blocks, 1));
        foreach (int chunk in new[] { 1, 7, 16, 64 })
        {
            int[] others = Batch.Blocks(runner, 20, 100);
            float[] logits = [];
            for (int at = 0; at < prompt.Length; at += chunk)
            {
                int count = Math.Min(chunk, prompt.Length - at);
                logits = Batch.Run(runner, (prompt[at..(at + count)], at, others, 1));
            }

            Batch.SameBits(whole, logits, $"chunks of {chunk}");
        }
    }

    [Fact]
    public void Eight_sequences_in_one_step_get_the_logits_they_get_alone()
    {
        using ModelRunner runner = Load(SharedData.DemoModel, EngineIsa.Auto, 2, KvType.F16);
        int[] lengths = [1, 2, 3, 17, 33, 40, 5, 16];
        int[][] prompts = [.. lengths.Select((length, i) => Batch.Prompt(runner, length + 1, i))];
        int[][] blocks = [.. lengths.Select((length, i) => Batch.Blocks(runner, 10 * i, length + 1))];

        // Odd ones have their prompt in KV and decode one token; even ones prefill, in the same step.
        var parts = prompts.Select((p, i) => i % 2 == 1 ? (p[^1..], p.Length - 1, blocks[i], 1) : (p, 0, blocks[i], 1)).ToArray();
        for (int i = 1; i < prompts.Length; i += 2)
        {
            Batch.Run(runner, (prompts[i][..^1], 0, blocks[i], 0));
        }

        float[] together = Batch.Run(runner, parts);
        int vocabulary = runner.Model.VocabularySize;
        for (int i = 0; i < prompts.Length; i++)
        {
            float[] alone = Batch.Run(runner, (prompts[i], 0, Batch.Blocks(runner, 100, prompts[i].Length), 1));
            Batch.SameBits(alone, together.AsSpan(i * vocabulary, vocabulary), $"sequence {i}");
        }
    }

    [Fact]
    public void Blocks_in_any_order_give_the_same_logits()
    {
        using ModelRunner runner = Load(SharedData.DemoModel, EngineIsa.Auto, 1, KvType.F16);
        int[] prompt = Batch.Prompt(runner, 70, 3);
        float[] straight = Batch.Run(runner, (prompt, 0, [0, 1, 2, 3, 4], 1));
        Batch.SameBits(straight, Batch.Run(runner, (prompt, 0, [40, 3, 17, 9, 2], 1)), "scattered blocks");
    }

    private static void PathsAgree(string path, int tokens)
    {
        float[]? expected = null;
        foreach (EngineIsa isa in IsaSupport.All)
        {
            foreach (int threads in new[] { 1, 2 })
            {
                using ModelRunner runner = Load(path, isa, threads, KvType.F16);
                Assert.Equal(isa, runner.Isa);
                int[] prompt = Batch.Prompt(runner, tokens, 5);
                float[] logits = Batch.Run(runner, (prompt, 0, Batch.Blocks(runner, 0, tokens), 8));
                expected ??= logits;
                Batch.SameBits(expected, logits, $"{isa}, {threads} threads");
            }
        }
    }

    private static ModelRunner Load(string path, EngineIsa isa, int threads, KvType kv) =>
        ModelLoader.Load(
            path,
            new ModelOptions { Isa = isa, Threads = threads, KvType = kv, KvBlocks = 128, MaxTokens = 128, MaxOutputs = 32 });
}
