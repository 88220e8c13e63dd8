namespace XLLM.Grammar.Tests;

/// <summary>Masks against the state itself, token by token over the whole vocabulary.</summary>
public sealed class MaskTests
{
    private static readonly GrammarTokenizer Vocabulary = Checks.Vocabulary(Samples.Pieces);

    [Theory]
    [MemberData(nameof(Samples.Schemas), MemberType = typeof(Samples))]
    public void A_mask_has_exactly_the_tokens_that_are_accepted(string schema)
    {
        foreach (bool anyOrder in (bool[])[true, false])
        {
            CompiledGrammar grammar = GrammarCompiler.JsonSchema(schema, new GrammarOptions { AnyOrder = anyOrder, MaxBlanks = 3 });
            Random random = new(7);
            uint[] mask = new uint[Vocabulary.MaskWords];
            for (int walk = 0; walk < 25; walk++)
            {
                GrammarState state = grammar.Start(Vocabulary);
                for (int step = 0; step < 30 && !state.IsEnded; step++)
                {
                    state.FillMask(mask);
                    List<int> allowed = [];
                    for (int token = 0; token < Vocabulary.VocabularySize; token++)
                    {
                        bool takes = state.Allows(token);
                        Assert.True(takes == Checks.Has(mask, token), $"token {token} after {step} tokens of walk {walk}: taken {takes}");
                        if (takes)
                        {
                            allowed.Add(token);
                        }
                    }

                    Assert.NotEmpty(allowed);
                    Assert.True(state.TryAccept(Walks.Choose(allowed, random)));
                }
            }
        }
    }

    [Fact]
    public void End_tokens_are_allowed_where_the_text_may_end_and_only_there()
    {
        GrammarState state = GrammarCompiler.JsonSchema("""{"type":"integer"}""").Start(Checks.Bytes);
        int end = Checks.Bytes.EndTokens[0];
        Assert.False(Checks.Has(state.Mask(), end));
        Assert.True(state.TryAccept('1'));
        Assert.True(Checks.Has(state.Mask(), end));
        Assert.True(Checks.Has(state.Mask(), '2'));
        Assert.True(state.TryAccept(end));
        Assert.True(state.IsEnded);
        Assert.False(state.TryAccept('2'));
        Assert.All(state.Mask().ToArray(), word => Assert.Equal(0u, word));
    }

    [Fact]
    public void A_small_row_cache_changes_no_mask()
    {
        string schema = Samples.All[0];
        GrammarOptions small = new() { Limits = new GrammarLimits { MaxRowBytes = 1 } };
        GrammarState a = GrammarCompiler.JsonSchema(schema, small).Start(Vocabulary);
        GrammarState b = GrammarCompiler.JsonSchema(schema).Start(Vocabulary);
        foreach (byte next in """{"a":[1,{"b":"c\u00e9"}],"d":null}"""u8)
        {
            Assert.Equal(b.Mask().ToArray(), a.Mask().ToArray());
            Assert.True(a.TryAccept(next) && b.TryAccept(next));
        }
    }
}
