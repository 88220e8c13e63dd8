using System.Text;

namespace XLLM.Grammar.Tests;

/// <summary>Vocabularies and small questions for the tests.</summary>
internal static class Checks
{
    public static readonly GrammarOptions AnyOrder = new() { AnyOrder = true };

    /// <summary>Tokens 0..255 are the bytes, then the given ones; the last is the end token.</summary>
    public static GrammarTokenizer Vocabulary(params string[] further)
    {
        List<ReadOnlyMemory<byte>> tokens = [.. Enumerable.Range(0, 256).Select(b => (ReadOnlyMemory<byte>)new[] { (byte)b })];
        tokens.AddRange(further.Select(f => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(f)));
        tokens.Add(default);
        return new GrammarTokenizer(tokens, [tokens.Count - 1]);
    }

    public static GrammarTokenizer Bytes { get; } = Vocabulary();

    public static bool Takes(CompiledGrammar grammar, string text)
    {
        GrammarState state = grammar.Start(Bytes);
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (!state.TryAccept(b))
            {
                return false;
            }
        }

        return state.IsAccepting;
    }

    public static bool Takes(string schema, string text, bool anyOrder = true) =>
        Takes(GrammarCompiler.JsonSchema(schema, new GrammarOptions { AnyOrder = anyOrder }), text);

    public static bool Begins(string schema, string prefix)
    {
        GrammarState state = GrammarCompiler.JsonSchema(schema, AnyOrder).Start(Bytes);
        return state.TryAccept(Encoding.UTF8.GetBytes(prefix));
    }

    public static bool Has(ReadOnlySpan<uint> mask, int token) => (mask[token / 32] >> token & 1) != 0;
}
