using XLLM.Engine.Execution;

namespace XLLM.Engine.Tests.Execution;

/// <summary>Runs steps and returns their logits, a row a wanted output.</summary>
internal static class Batch
{
    public static float[] Run(IModelRunner runner, params (int[] Tokens, int Context, int[] Blocks, int Outputs)[] parts)
    {
        var step = new StepInput(runner.MaxTokens, Math.Max(1, parts.Length));
        foreach ((int[] tokens, int context, int[] blocks, int outputs) in parts)
        {
            step.Add(tokens, context, blocks, outputs);
        }

        var logits = new float[step.OutputCount * runner.Model.VocabularySize];
        runner.Run(step, logits);
        return logits;
    }

    /// <summary>A prompt of its own for every seed.</summary>
    public static int[] Prompt(IModelRunner runner, int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(runner.Model.VocabularySize))];
    }

    /// <summary>Block ids [first, first + what holds the tokens).</summary>
    public static int[] Blocks(IModelRunner runner, int first, int tokens) =>
        [.. Enumerable.Range(first, (tokens + runner.BlockTokens - 1) / runner.BlockTokens)];

    /// <summary>Equal bit for bit.</summary>
    public static void SameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> found, string what)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(found[i]))
            {
                Assert.Fail($"{what}: value {i} is {found[i]:R}, expected {expected[i]:R}");
            }
        }
    }
}
