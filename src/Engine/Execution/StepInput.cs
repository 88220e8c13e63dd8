namespace XLLM.Engine.Execution;

/// <summary>
/// What one step computes: rows of tokens of several sequences, laid out one sequence after the other. Reused from step to
/// step by the engine's thread, which owns it.
/// </summary>
public sealed class StepInput(int maxTokens, int maxSequences)
{
    private readonly int[] _tokens = new int[maxTokens];
    private readonly int[] _positions = new int[maxTokens];
    private readonly int[] _outputRows = new int[maxTokens];
    private readonly StepSequence[] _sequences = new StepSequence[maxSequences];

    public int TokenCount { get; private set; }

    public int SequenceCount { get; private set; }

    public int OutputCount { get; private set; }

    public int MaxTokens => _tokens.Length;

    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, TokenCount);

    public ReadOnlySpan<int> Positions => _positions.AsSpan(0, TokenCount);

    public ReadOnlySpan<StepSequence> Sequences => _sequences.AsSpan(0, SequenceCount);

    /// <summary>Rows whose logits are wanted, ascending.</summary>
    public ReadOnlySpan<int> OutputRows => _outputRows.AsSpan(0, OutputCount);

    public void Clear()
    {
        TokenCount = 0;
        SequenceCount = 0;
        OutputCount = 0;
    }

    /// <summary>
    /// Adds the next tokens of a sequence. <paramref name="context"/> tokens of it are in KV already; <paramref name="blocks"/>
    /// has at least ceil((context + tokens) / block tokens) entries and stays valid until the step has run.
    /// <paramref name="outputs"/> last rows get logits. Throws when the step is full.
    /// </summary>
    public void Add(ReadOnlySpan<int> tokens, int context, ReadOnlyMemory<int> blocks, int outputs)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tokens.Length);
        ArgumentOutOfRangeException.ThrowIfNegative(context);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(outputs, tokens.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens.Length, _tokens.Length - TokenCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(SequenceCount, _sequences.Length);

        _sequences[SequenceCount++] = new StepSequence(TokenCount, tokens.Length, context, blocks);
        tokens.CopyTo(_tokens.AsSpan(TokenCount));
        for (int i = 0; i < tokens.Length; i++)
        {
            _positions[TokenCount + i] = context + i;
        }

        for (int i = tokens.Length - outputs; i < tokens.Length; i++)
        {
            _outputRows[OutputCount++] = TokenCount + i;
        }

        TokenCount += tokens.Length;
    }
}
