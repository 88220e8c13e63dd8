namespace XLLM.Engine.Execution;

/// <summary>
/// What one step computes: rows of tokens of several sequences, laid out one sequence after the other. It can be built while
/// the step before it runs: a token that is not known yet is a placeholder, and a sequence that turns out to have ended is
/// taken out again. Block lists are copied. Reused; one thread at a time.
/// </summary>
public sealed class StepInput(int maxTokens, int maxSequences, int roomInBlocks = 64)
{
    /// <summary>Stands for a token that the running step has still to give; no step may run with it.</summary>
    public const int Placeholder = -1;

    private readonly int[] _tokens = new int[maxTokens];
    private readonly int[] _positions = new int[maxTokens];
    private readonly int[] _outputRows = new int[maxTokens];
    private readonly int[] _hiddenRows = new int[maxTokens];
    private readonly StepSequence[] _sequences = new StepSequence[maxSequences];
    private readonly int[][] _blocks = NewLists(maxSequences, roomInBlocks);

    public int TokenCount { get; private set; }

    public int SequenceCount { get; private set; }

    public int OutputCount { get; private set; }

    public int HiddenCount { get; private set; }

    public int MaxTokens => _tokens.Length;

    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, TokenCount);

    public ReadOnlySpan<int> Positions => _positions.AsSpan(0, TokenCount);

    public ReadOnlySpan<StepSequence> Sequences => _sequences.AsSpan(0, SequenceCount);

    /// <summary>Rows whose logits are wanted, ascending.</summary>
    public ReadOnlySpan<int> OutputRows => _outputRows.AsSpan(0, OutputCount);

    /// <summary>Rows whose hidden states are wanted, ascending.</summary>
    public ReadOnlySpan<int> HiddenRows => _hiddenRows.AsSpan(0, HiddenCount);

    public void Clear()
    {
        TokenCount = 0;
        SequenceCount = 0;
        OutputCount = 0;
        HiddenCount = 0;
    }

    /// <summary>
    /// Adds the next tokens of a sequence, the last of which may be a <see cref="Placeholder"/>. <paramref name="context"/>
    /// tokens of it are in KV already; <paramref name="blocks"/> has at least ceil((context + tokens) / block tokens) entries.
    /// <paramref name="outputs"/> last rows get logits; <paramref name="range"/> is the sequence's range of addresses, -1 = none.
    /// Throws when the step is full.
    /// </summary>
    public void Add(ReadOnlySpan<int> tokens, int context, ReadOnlyMemory<int> blocks, int outputs, int range = -1)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tokens.Length);
        tokens.CopyTo(Add(tokens.Length, context, blocks.Span, outputs, range));
    }

    /// <summary>Adds rows as above and returns their tokens, for the caller to write.</summary>
    public Span<int> Add(int rows, int context, ReadOnlySpan<int> blocks, int outputs, int range = -1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(context);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(outputs, rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, _tokens.Length - TokenCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(SequenceCount, _sequences.Length);

        _sequences[SequenceCount] = new StepSequence(TokenCount, rows, context, CopyBlocks(SequenceCount, blocks), range);
        SequenceCount++;
        for (int i = 0; i < rows; i++)
        {
            _positions[TokenCount + i] = context + i;
        }

        for (int i = rows - outputs; i < rows; i++)
        {
            _outputRows[OutputCount++] = TokenCount + i;
        }

        TokenCount += rows;
        return _tokens.AsSpan(TokenCount - rows, rows);
    }

    /// <summary>The hidden states of some rows of the sequence added last are wanted, the first of them being its row <paramref name="from"/>.</summary>
    public void WantHidden(int from, int count)
    {
        StepSequence last = Sequences[^1];
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, last.Rows - from);
        for (int i = 0; i < count; i++)
        {
            _hiddenRows[HiddenCount++] = last.FirstRow + from + i;
        }
    }

    /// <summary>Puts a token in the place of a sequence's last one.</summary>
    public void SetLastToken(int sequence, int token)
    {
        StepSequence at = Sequences[sequence];
        _tokens[at.FirstRow + at.Rows - 1] = token;
    }

    /// <summary>Takes a sequence out; those after it move up.</summary>
    public void RemoveAt(int sequence)
    {
        StepSequence gone = Sequences[sequence];
        int after = gone.FirstRow + gone.Rows;
        _tokens.AsSpan(after, TokenCount - after).CopyTo(_tokens.AsSpan(gone.FirstRow));
        _positions.AsSpan(after, TokenCount - after).CopyTo(_positions.AsSpan(gone.FirstRow));
        OutputCount = RemoveRows(_outputRows, OutputCount, gone);
        HiddenCount = RemoveRows(_hiddenRows, HiddenCount, gone);
        int[] blocks = _blocks[sequence];
        for (int i = sequence + 1; i < SequenceCount; i++)
        {
            _sequences[i - 1] = _sequences[i] with { FirstRow = _sequences[i].FirstRow - gone.Rows };
            _blocks[i - 1] = _blocks[i];
        }

        _blocks[SequenceCount - 1] = blocks;
        SequenceCount--;
        TokenCount -= gone.Rows;
    }

    private static int RemoveRows(int[] rows, int count, StepSequence gone)
    {
        int after = gone.FirstRow + gone.Rows;
        int left = 0;
        for (int i = 0; i < count; i++)
        {
            if (rows[i] < gone.FirstRow || rows[i] >= after)
            {
                rows[left++] = rows[i] < after ? rows[i] : rows[i] - gone.Rows;
            }
        }

        return left;
    }

    private static int[][] NewLists(int count, int room)
    {
        int[][] lists = new int[count][];
        for (int i = 0; i < count; i++)
        {
            lists[i] = new int[room];
        }

        return lists;
    }

    private ReadOnlyMemory<int> CopyBlocks(int sequence, ReadOnlySpan<int> blocks)
    {
        if (_blocks[sequence].Length < blocks.Length)
        {
            _blocks[sequence] = new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)blocks.Length)];
        }

        blocks.CopyTo(_blocks[sequence]);
        return _blocks[sequence].AsMemory(0, blocks.Length);
    }
}
