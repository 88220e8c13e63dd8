using System.Runtime.CompilerServices;
using XLLM.Grammar.Machine;
using XLLM.Grammar.Tokens;

namespace XLLM.Grammar;

/// <summary>A machine with the masks worked out on it, and the lock that its texts share.</summary>
internal sealed class GrammarMemory(ByteMachine machine, long maxRowBytes)
{
    private readonly ConditionalWeakTable<GrammarTokenizer, RowCache> _rows = [];

    public ByteMachine Machine { get; } = machine;

    public Lock Gate { get; } = new();

    /// <summary>Bytes of the masks it holds, about. Any thread.</summary>
    public long RowBytes => _rows.Sum(r => r.Value.Bytes) + Machine.RowBytes;

    public RowCache RowsOf(GrammarTokenizer tokenizer) => _rows.GetValue(tokenizer, _ => new RowCache(maxRowBytes));
}
