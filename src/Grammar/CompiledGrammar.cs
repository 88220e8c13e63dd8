using System.Runtime.CompilerServices;
using XLLM.Grammar.Machine;
using XLLM.Grammar.Tokens;

namespace XLLM.Grammar;

/// <summary>
/// A grammar ready to guide texts, shared by any number of them and by any vocabularies. What it works out while texts are written
/// (plans, masks) is kept within limits and shared too, under one lock. Thread-safe.
/// </summary>
public sealed class CompiledGrammar
{
    private readonly ConditionalWeakTable<GrammarTokenizer, RowCache> _rows = [];
    private readonly long _maxRowBytes;

    internal CompiledGrammar(ByteMachine machine, GrammarOptions options)
    {
        Machine = machine;
        _maxRowBytes = options.Limits.MaxRowBytes;
    }

    internal ByteMachine Machine { get; }

    internal Lock Gate { get; } = new();

    /// <summary>A text of this grammar, before its first token.</summary>
    public GrammarState Start(GrammarTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return new GrammarState(this, tokenizer, _rows.GetValue(tokenizer, _ => new RowCache(_maxRowBytes)), Machine.Start, false);
    }
}
