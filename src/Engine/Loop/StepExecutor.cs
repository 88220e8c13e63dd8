using XLLM.Engine.Execution;
using XLLM.Scheduling.Batching;

namespace XLLM.Engine.Loop;

/// <summary>Turns planned parts into one step of the runner. Engine's thread; input and logits are reused.</summary>
internal sealed class StepExecutor(IModelRunner runner, int maxTokens, int maxSequences)
{
    private readonly StepInput _input = new(maxTokens, maxSequences);
    private readonly int _vocabulary = runner.Model.VocabularySize;
    private float[] _logits = [];

    /// <summary>Computes the parts [first, first + count) in one step. Null, or what the runner threw.</summary>
    public Exception? Run(IReadOnlyList<StepPart> parts, int first, int count)
    {
        try
        {
            Build(parts, first, count);
            int length = checked(_input.OutputCount * _vocabulary);
            if (_logits.Length < length)
            {
                int roomy = (int)Math.Min(2L * _logits.Length, Array.MaxLength);
                _logits = GC.AllocateUninitializedArray<float>(Math.Max(length, roomy));
            }

            runner.Run(_input, _logits.AsSpan(0, length));
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    /// <summary>Logits of an output row of the last step, [vocabulary].</summary>
    public ReadOnlySpan<float> Row(int output) => _logits.AsSpan(output * _vocabulary, _vocabulary);

    private void Build(IReadOnlyList<StepPart> parts, int first, int count)
    {
        _input.Clear();
        for (int i = first; i < first + count; i++)
        {
            StepPart part = parts[i];
            Sequence sequence = part.Sequence;
            ReadOnlySpan<int> tokens = sequence.Tokens.Slice(sequence.Computed, part.Tokens);
            _input.Add(tokens, sequence.Computed, sequence.Table.Blocks, part.Outputs);
        }
    }
}
