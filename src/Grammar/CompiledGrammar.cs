using XLLM.Grammar.Machine;

namespace XLLM.Grammar;

/// <summary>
/// A grammar ready to guide texts, shared by any number of them and by any vocabularies. What it works out while texts are written
/// (plans, masks) is kept within limits and shared too, under one lock. Thread-safe.
/// </summary>
public sealed class CompiledGrammar
{
    private readonly Func<ByteMachine> _make;
    private readonly long _maxRowBytes;
    private GrammarMemory _memory;

    /// <param name="make">Makes a machine; once now, and again when one has remembered so much that it is worn.</param>
    /// <param name="options">The limits.</param>
    internal CompiledGrammar(Func<ByteMachine> make, GrammarOptions options)
    {
        _make = make;
        _maxRowBytes = options.Limits.MaxRowBytes;
        _memory = new GrammarMemory(make(), _maxRowBytes);
    }

    /// <summary>Bytes of the masks it holds, about.</summary>
    public long RowBytes => Volatile.Read(ref _memory).RowBytes;

    /// <summary>A text of this grammar, before its first token.</summary>
    public GrammarState Start(GrammarTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        GrammarMemory memory = Volatile.Read(ref _memory);
        if (memory.Machine.IsWorn)
        {
            // Texts under way keep the machine they began on.
            memory = new GrammarMemory(_make(), _maxRowBytes);
            Volatile.Write(ref _memory, memory);
        }

        return new GrammarState(memory, tokenizer, memory.RowsOf(tokenizer), memory.Machine.Start, false);
    }
}
