using System.Globalization;
using XLLM.Engine.Execution;
using XLLM.Engine.Interop;
using XLLM.Engine.Memory;
using XLLM.Formats;
using XLLM.Formats.Safetensors;
using XLLM.Verification.Running;

namespace XLLM.Verification.Gguf;

/// <summary>
/// Compares a GGUF file with logits computed from its dequantised weights, the golden tokens being fed (prompt, then greedy).
/// With int8 activations the measure is the mean KL divergence over the prompt's positions, from the 32 best tokens and the
/// rest as one bucket; with float32 activations the largest error of a listed logit.
/// </summary>
public static class GgufVerifier
{
    public const double MeanDivergence = 0.01;

    /// <summary>The bound for the demo model's own files, whose layers are few.</summary>
    public const double DemoMeanDivergence = 0.003;

    public const double QuantizedMargin = 0.5;

    public const double FloatTolerance = 5e-3;

    public const double FloatMargin = 0.02;

    private const int LongestStep = 256;

    /// <param name="model">GGUF file.</param>
    /// <param name="goldenPath">Its golden.safetensors.</param>
    /// <param name="encode">Text to ids without added special tokens; null = the ids are not compared.</param>
    public static IReadOnlyList<VerifyCase> Verify(
        string model,
        string goldenPath,
        VerifyOptions? options = null,
        Func<string, IReadOnlyList<int>>? encode = null)
    {
        options ??= new VerifyOptions();
        try
        {
            using SafetensorsFile golden = SafetensorsFile.Open(goldenPath);
            using ModelRunner runner = ModelLoader.Load(model, RunnerOptions(options));
            return [.. Cases(golden, runner, options, encode)];
        }
        catch (Exception e) when (e is ModelFormatException or ModelMemoryException or NativeException or IOException)
        {
            return [new VerifyCase(Path.GetFileName(model), false, double.NaN, e.Message)];
        }
    }

    private static ModelOptions RunnerOptions(VerifyOptions options) => new()
    {
        Isa = options.Isa,
        Threads = options.Threads,
        KvType = options.KvType,
        MaxTokens = LongestStep,
        MaxOutputs = LongestStep,
        FloatActivations = options.FloatActivations,
    };

    private static IEnumerable<VerifyCase> Cases(
        SafetensorsFile file,
        ModelRunner runner,
        VerifyOptions options,
        Func<string, IReadOnlyList<int>>? encode)
    {
        string[] texts = GgufGolden.Texts(file);
        var feed = new SequenceFeed(runner, options.Chunk);
        int index = 0;
        for (; GgufGolden.Find(file, index, runner.Model.VocabularySize) is { } golden; index++)
        {
            string name = $"{runner.Model.Name} prompt {index}";
            if (encode is not null && index < texts.Length)
            {
                yield return Tokens($"{name} tokens", golden.Ids, encode(texts[index]));
            }

            var comparison = new GgufComparison(golden);
            comparison.Run(feed);
            yield return options.FloatActivations
                ? Logits($"{name} logits", comparison)
                : Divergence($"{name} divergence", comparison, runner);
            yield return Best($"{name} best tokens", comparison, options.FloatActivations ? FloatMargin : QuantizedMargin);
        }

        if (index == 0)
        {
            yield return new VerifyCase(runner.Model.Name, false, double.NaN, $"{file.Path} has no prompts (0.ids)");
        }
    }

    private static VerifyCase Tokens(string name, int[] golden, IReadOnlyList<int> ours)
    {
        int[] found = [.. ours];
        int same = found.AsSpan().CommonPrefixLength(golden);
        bool equal = same == golden.Length && same == found.Length;
        return new VerifyCase(
            name,
            equal,
            equal ? 0 : golden.Length - same,
            equal ? "" : $"{found.Length} tokens, golden {golden.Length}; token {same} differs");
    }

    private static VerifyCase Divergence(string name, GgufComparison comparison, ModelRunner runner)
    {
        bool demo = runner.Model.Name.StartsWith("xllm-demo", StringComparison.Ordinal);
        double bound = demo ? DemoMeanDivergence : MeanDivergence;
        double mean = comparison.MeanDivergence;
        return new VerifyCase(
            name, mean <= bound, mean, string.Create(CultureInfo.InvariantCulture, $"mean KL, at most {bound}"));
    }

    private static VerifyCase Logits(string name, GgufComparison comparison) =>
        new(name, comparison.LargestError <= FloatTolerance, comparison.LargestError,
            string.Create(CultureInfo.InvariantCulture, $"at most {FloatTolerance}"));

    private static VerifyCase Best(string name, GgufComparison comparison, double margin)
    {
        (int wrong, string detail) = comparison.WrongBest(margin);
        return new VerifyCase(name, wrong == 0, wrong, detail);
    }
}
