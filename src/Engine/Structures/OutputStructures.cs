using XLLM.Grammar;

namespace XLLM.Engine.Structures;

/// <summary>
/// What an engine needs to keep the structures of outputs: grammars, shared with whoever checks requests, and the vocabulary,
/// which is made when the first request wants one. Thread-safe.
/// </summary>
/// <param name="cache">Compiled grammars.</param>
/// <param name="tokenizer">Makes the vocabulary of the served model; may take a second.</param>
public sealed class OutputStructures(GrammarCache cache, Func<GrammarTokenizer> tokenizer)
{
    private readonly Lazy<GrammarTokenizer> _tokenizer = new(tokenizer);

    public GrammarCache Cache { get; } = cache;

    /// <summary>The vocabulary; the first to ask waits for it.</summary>
    public GrammarTokenizer Tokenizer => _tokenizer.Value;
}
