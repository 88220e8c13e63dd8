using System.Collections.Immutable;
using XLLM.Grammar;
using XLLM.Text.Tokenizers;

namespace XLLM.Silo.Composition;

/// <summary>Vocabularies as grammars see them.</summary>
internal static class Vocabularies
{
    /// <summary>
    /// That of the model in a folder or file: the bytes of each token, none of special tokens, and the tokens that end the
    /// model's texts.
    /// </summary>
    /// <exception cref="TokenizerFormatException">Its tokenizer cannot be read.</exception>
    public static GrammarTokenizer Load(string model, ImmutableArray<int> ends)
    {
        Tokenizer tokenizer = TokenizerLoader.Load(model);
        var tokens = new ReadOnlyMemory<byte>[tokenizer.VocabularySize];
        for (int t = 0; t < tokens.Length; t++)
        {
            tokens[t] = tokenizer.IsSpecial(t) ? default : tokenizer.TokenBytes(t);
        }

        return new GrammarTokenizer(tokens, [.. ends.Where(e => e < tokens.Length)]);
    }
}
