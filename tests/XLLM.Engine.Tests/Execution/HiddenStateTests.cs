using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Memory;
using XLLM.Engine.Models;
using XLLM.Formats.Safetensors;
using XLLM.Testing;

namespace XLLM.Engine.Tests.Execution;

/// <summary>
/// transformers' logits pin the hidden states: the output matrix times ours must be them. The matrix has more rows than a state has
/// values, so no other state would do.
/// </summary>
public sealed class HiddenStateTests
{
    private const string Families = "golden/families";

    public static TheoryData<string> Names => ["llama", "llama3-rope-tied", "mistral-sliding", "qwen2", "qwen2-yarn", "qwen3"];

    [SharedTheory(Families)]
    [MemberData(nameof(Names))]
    public void The_output_matrix_times_the_hidden_states_is_our_logits_to_the_bit_and_the_golden_ones_within_tolerance(string family)
    {
        string folder = SharedData.Find("golden", "families", family)!;
        using SafetensorsFile golden = SafetensorsFile.Open(Path.Combine(folder, "golden.safetensors"));
        int[] ids = Array.ConvertAll(golden.Require("2.ids").Copy<long>(SafetensorsType.I64), id => (int)id);
        float[] expected = golden.Require("2.logits").Copy<float>(SafetensorsType.F32);
        using ModelRunner runner = ModelLoader.Load(
            folder, new ModelOptions { KvBlocks = 16, MaxTokens = 64, MaxOutputs = 64, Threads = 2, KvType = KvType.F32 });
        int vocabulary = runner.Model.VocabularySize;
        int size = runner.Model.EmbeddingSize;
        Assert.InRange(size, 16, vocabulary - 1);
        var step = new StepInput(64, 1);
        step.Add(ids, 0, Enumerable.Range(0, 16).ToArray(), ids.Length);
        step.WantHidden(0, ids.Length);
        float[] logits = new float[ids.Length * vocabulary];
        float[] hidden = new float[ids.Length * size];
        runner.Run(step, logits, hidden);

        float[] head = Head(folder);
        float[] product = new float[logits.Length];
        for (int row = 0; row < ids.Length; row++)
        {
            for (int v = 0; v < vocabulary; v++)
            {
                float sum = 0;
                for (int k = 0; k < size; k++)
                {
                    sum = MathF.FusedMultiplyAdd(head[(v * size) + k], hidden[(row * size) + k], sum);
                }

                product[(row * vocabulary) + v] = sum;
                float wanted = expected[(row * vocabulary) + v];
                Assert.InRange(sum, wanted - 2e-3f - (1e-3f * Math.Abs(wanted)), wanted + 2e-3f + (1e-3f * Math.Abs(wanted)));
            }
        }

        Batch.SameBits(logits, product, family);
    }

    [Fact]
    public void Hidden_states_without_room_for_them_are_refused()
    {
        using ModelRunner runner = ModelLoader.Load(
            SharedData.DemoModel, new ModelOptions { KvBlocks = 8, MaxTokens = 8, MaxOutputs = 8, Threads = 1 });
        var step = new StepInput(8, 1);
        step.Add([1, 2], 0, new[] { 0 }, 0);
        step.WantHidden(1, 1);
        Assert.Throws<ArgumentException>(() => runner.Run(step, []));
        float[] hidden = new float[runner.Model.EmbeddingSize];
        runner.Run(step, [], hidden);
        Assert.Contains(hidden, x => x != 0);
    }

    [Fact]
    public void A_sequence_taken_out_of_a_step_takes_its_hidden_rows_with_it()
    {
        var step = new StepInput(16, 4);
        step.Add([1, 2, 3], 0, new[] { 0 }, 1);
        step.WantHidden(0, 3);
        step.Add([4, 5], 0, new[] { 1 }, 0);
        step.WantHidden(1, 1);
        step.Add([6, 7], 0, new[] { 2 }, 2);
        step.WantHidden(0, 2);
        Assert.Equal([0, 1, 2, 4, 5, 6], step.HiddenRows.ToArray());
        step.RemoveAt(1);
        Assert.Equal([0, 1, 2, 3, 4], step.HiddenRows.ToArray());
        Assert.Equal([2, 3, 4], step.OutputRows.ToArray());
        step.RemoveAt(0);
        Assert.Equal([0, 1], step.HiddenRows.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => step.WantHidden(1, 2));
    }

    [Theory]
    [InlineData(null, PoolingKind.Last)]
    [InlineData("""{"pooling_mode_lasttoken": true, "pooling_mode_mean_tokens": false}""", PoolingKind.Last)]
    [InlineData("""{"pooling_mode_mean_tokens": true, "word_embedding_dimension": 64}""", PoolingKind.Mean)]
    [InlineData("""{"pooling_mode_cls_token": true}""", PoolingKind.First)]
    [InlineData("""{"pooling_mode_max_tokens": true}""", PoolingKind.None)]
    [InlineData("""{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true}""", PoolingKind.None)]
    [InlineData("""{}""", PoolingKind.None)]
    public void A_folder_says_how_its_embeddings_are_pooled(string? config, PoolingKind expected)
    {
        using var folder = new TempFolder();
        if (config is not null)
        {
            Directory.CreateDirectory(Path.Combine(folder.Path, "1_Pooling"));
            File.WriteAllText(Path.Combine(folder.Path, "1_Pooling", "config.json"), config);
        }

        Assert.Equal(expected, PoolingConfig.Read(folder.Path));
    }

    private static float[] Head(string folder)
    {
        using SafetensorsFolder weights = SafetensorsFolder.Open(folder);
        SafetensorsTensor head = weights.Tensors.GetValueOrDefault("lm_head.weight") ?? weights.Tensors["model.embed_tokens.weight"];
        return head.Type switch
        {
            SafetensorsType.F32 => head.Copy<float>(SafetensorsType.F32),
            SafetensorsType.F16 => Array.ConvertAll(head.Copy<Half>(SafetensorsType.F16), h => (float)h),
            _ => Array.ConvertAll(head.Copy<ushort>(SafetensorsType.BF16), b => BitConverter.Int32BitsToSingle(b << 16)),
        };
    }
}
