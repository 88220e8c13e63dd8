using XLLM.Engine.Execution;

namespace XLLM.Verification.Running;

/// <summary>
/// Feeds one sequence at a time to a runner and hands out the logits after every token. It owns all of the runner's blocks
/// while it is used.
/// </summary>
public sealed class SequenceFeed
{
    private readonly IModelRunner _runner;
    private readonly StepInput _step;
    private readonly int[] _blocks;
    private readonly float[] _logits;
    private readonly int _largest;

    /// <param name="runner">Used, not owned.</param>
    /// <param name="chunk">Tokens a step; 0 = as many as the runner takes.</param>
    public SequenceFeed(IModelRunner runner, int chunk = 0)
    {
        _runner = runner;
        int most = Math.Min(runner.MaxTokens, runner.MaxOutputs);
        _largest = chunk > 0 ? Math.Min(chunk, most) : most;
        _step = new StepInput(_largest, 1);
        _blocks = [.. Enumerable.Range(0, runner.Blocks)];
        _logits = new float[_largest * runner.Model.VocabularySize];
    }

    /// <summary>Tokens of the sequence so far.</summary>
    public int Length { get; private set; }

    /// <summary>Begins another sequence.</summary>
    public void Restart() => Length = 0;

    /// <summary>Appends tokens; <paramref name="row"/> is called for each of them in order.</summary>
    public void Append(ReadOnlySpan<int> tokens, LogitsRow row)
    {
        int vocabulary = _runner.Model.VocabularySize;
        while (tokens.Length > 0)
        {
            int count = Math.Min(tokens.Length, _largest);
            _step.Clear();
            _step.Add(tokens[..count], Length, _blocks, count);
            Span<float> logits = _logits.AsSpan(0, count * vocabulary);
            _runner.Run(_step, logits);
            for (int i = 0; i < count; i++)
            {
                row(Length + i, logits.Slice(i * vocabulary, vocabulary));
            }

            Length += count;
            tokens = tokens[count..];
        }
    }

    /// <summary>The <paramref name="count"/> best tokens one after the other, following the prompt.</summary>
    public int[] Greedy(ReadOnlySpan<int> prompt, int count)
    {
        var tokens = new int[count];
        int best = 0;
        Restart();
        Append(prompt, (_, logits) => best = Best(logits));
        for (int i = 0; i < count; i++)
        {
            tokens[i] = best;
            if (i + 1 < count)
            {
                Append([best], (_, logits) => best = Best(logits));
            }
        }

        return tokens;
    }

    /// <summary>Index of the largest value, the first of several.</summary>
    public static int Best(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
        {
            best = logits[i] > logits[best] ? i : best;
        }

        return best;
    }
}
