using System.Globalization;
using XLLM.Engine.Execution;
using XLLM.Engine.Interop;
using XLLM.Engine.Memory;
using XLLM.Formats;
using XLLM.Formats.Safetensors;
using XLLM.Verification.Running;

namespace XLLM.Verification.Golden;

/// <summary>
/// Compares a Hugging Face folder with the logits and greedy tokens in its golden.safetensors: keys <c>i.ids</c>,
/// <c>i.logits</c> [T, V], <c>i.greedy</c>. Unit of errors: logits.
/// </summary>
public static class GoldenVerifier
{
    /// <summary>Allowed error: this, and <see cref="RelativeTolerance"/> of the golden value.</summary>
    public const double Tolerance = 2e-3;

    public const double RelativeTolerance = 1e-3;

    private const int LongestStep = 256;

    /// <summary>Two cases a prompt; one failed case when model or data cannot be used.</summary>
    public static IReadOnlyList<VerifyCase> Verify(string folder, VerifyOptions? options = null)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        return Verify(name, folder, Path.Combine(folder, "golden.safetensors"), options);
    }

    /// <summary>As <see cref="Verify(string, VerifyOptions?)"/>, for a model and golden data that lie apart.</summary>
    public static IReadOnlyList<VerifyCase> Verify(string name, string model, string goldenPath, VerifyOptions? options = null)
    {
        options ??= new VerifyOptions();
        try
        {
            using SafetensorsFile golden = SafetensorsFile.Open(goldenPath);
            using ModelRunner runner = ModelLoader.Load(model, RunnerOptions(options));
            return [.. Cases(name, golden, runner, options)];
        }
        catch (Exception e) when (e is ModelFormatException or ModelMemoryException or NativeException or IOException)
        {
            return [new VerifyCase(name, false, double.NaN, e.Message)];
        }
    }

    private static ModelOptions RunnerOptions(VerifyOptions options) => new()
    {
        Isa = options.Isa,
        Threads = options.Threads,
        KvType = options.KvType,
        MaxTokens = LongestStep,
        MaxOutputs = LongestStep,
        FloatActivations = true,
    };

    private static IEnumerable<VerifyCase> Cases(string name, SafetensorsFile golden, ModelRunner runner, VerifyOptions options)
    {
        var feed = new SequenceFeed(runner, options.Chunk);
        string how = options.Chunk > 0 ? string.Create(CultureInfo.InvariantCulture, $" in chunks of {options.Chunk}") : "";
        int prompts = 0;
        for (; golden.Tensors.ContainsKey($"{prompts}.ids"); prompts++)
        {
            int[] ids = Tokens(golden, $"{prompts}.ids");
            yield return Logits(
                $"{name} prompt {prompts} logits{how}", golden.Require($"{prompts}.logits"), golden.Path, ids, feed, runner);
            yield return Greedy($"{name} prompt {prompts} greedy{how}", Tokens(golden, $"{prompts}.greedy"), ids, feed);
        }

        if (prompts == 0)
        {
            yield return new VerifyCase(name, false, double.NaN, $"{golden.Path} has no prompts (0.ids)");
        }

        foreach (string key in golden.Tensors.Keys.Where(k => k.EndsWith(".patches", StringComparison.Ordinal)).Order())
        {
            yield return new VerifyCase(
                $"{name} {key[..^8]}", false, double.NaN, $"family {runner.Model.Family} takes no images");
        }
    }

    private static int[] Tokens(SafetensorsFile golden, string key) =>
        Array.ConvertAll(golden.Require(key).Copy<long>(SafetensorsType.I64), id => checked((int)id));

    private static VerifyCase Logits(
        string name,
        SafetensorsTensor expected,
        string path,
        int[] ids,
        SequenceFeed feed,
        ModelRunner runner)
    {
        float[] golden = expected.Copy<float>(SafetensorsType.F32);
        int vocabulary = runner.Model.VocabularySize;
        if (golden.Length != (long)ids.Length * vocabulary)
        {
            throw new ModelFormatException(
                path, $"'{expected.Name}' has {golden.Length} values; {ids.Length} x {vocabulary} were expected");
        }

        var worst = new WorstError();
        feed.Restart();
        feed.Append(ids, (position, logits) => worst.Add(position, logits, golden.AsSpan(position * vocabulary, vocabulary)));
        return new VerifyCase(name, worst.Passed, worst.Error, worst.Detail);
    }

    private static VerifyCase Greedy(string name, int[] golden, int[] ids, SequenceFeed feed)
    {
        int[] ours = feed.Greedy(ids, golden.Length);
        int at = ours.AsSpan().CommonPrefixLength(golden);
        return at == golden.Length
            ? new VerifyCase(name, true, 0)
            : new VerifyCase(name, false, golden.Length - at, $"token {at} is {ours[at]}, golden {golden[at]}");
    }
}
