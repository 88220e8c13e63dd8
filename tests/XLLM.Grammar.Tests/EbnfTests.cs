using System.Text;

namespace XLLM.Grammar.Tests;

/// <summary>Context-free grammars in GBNF.</summary>
public sealed class EbnfTests
{
    private const string Arithmetic = """
        # sums and products
        root ::= expr ("=" num)? "\n"
        expr ::= term ([-+*/] term)*
        term ::= num | "(" ws expr ws ")"
        num ::= [0-9]{1,3}
        ws ::= [ \t]*
        """;

    [Theory]
    [InlineData(Arithmetic, "1+(2*( 33-4 ))=7\n", "1+(2*3\n")]
    [InlineData(Arithmetic, "((((1))))\n", "1234\n")]
    [InlineData("root ::= \"a\" root \"b\" | \"\"", "aaabbb", "aabbb")]
    [InlineData("root ::= item ( \", \" item )*\nitem ::= <word> | 'né'\nword ::= [^, ]+", "né, xé, z", "a,b")]
    [InlineData("root ::= . . \"\\u00e9\"", "😀xé", "xé")]
    [InlineData("root ::= list\nlist ::= \"x\" list | \"x\"", "xxxxxxxx", "")]
    public void Texts_of_the_grammar_are_taken_and_no_others(string grammar, string valid, string invalid)
    {
        CompiledGrammar compiled = GrammarCompiler.Ebnf(grammar);
        Assert.True(Checks.Takes(compiled, valid));
        Assert.False(Checks.Takes(compiled, invalid));
    }

    [Fact]
    public void Masks_are_what_is_accepted_and_prefixes_can_be_completed()
    {
        GrammarTokenizer vocabulary = Checks.Vocabulary("(1", "1+", "))", "12", "=1\n", "é", ")*(");
        CompiledGrammar grammar = GrammarCompiler.Ebnf(Arithmetic);
        Random random = new(3);
        for (int walk = 0; walk < 20; walk++)
        {
            GrammarState state = grammar.Start(vocabulary);
            for (int step = 0; step < 20 && !state.IsEnded; step++)
            {
                List<int> allowed = [.. Enumerable.Range(0, vocabulary.VocabularySize).Where(t => Checks.Has(state.Mask(), t))];
                Assert.Equal(Enumerable.Range(0, vocabulary.VocabularySize).Where(state.Allows), allowed);
                byte[]? rest = state.Completion();
                Assert.NotNull(rest);
                GrammarState end = state.Fork();
                Assert.True(rest.Length == 0 || end.TryAccept(rest));
                Assert.True(end.IsAccepting);
                Assert.True(state.TryAccept(allowed[random.Next(allowed.Count)]));
            }
        }
    }

    [Theory]
    [InlineData("root ::= root \"a\" | \"a\"", "left recursion")]
    [InlineData("root ::= a \"x\"\na ::= b? a \"y\"\nb ::= \"z\"", "left recursion")]
    [InlineData("root ::= \"a\" root", "unsatisfiable")]
    [InlineData("root ::= missing", "grammar")]
    [InlineData("other ::= \"a\"", "grammar")]
    [InlineData("root ::= \"a", "grammar")]
    [InlineData("root ::= (((\"a\"){1000}){1000}){1000}", "limit")]
    public void What_cannot_be_kept_is_refused(string grammar, string cause) =>
        Assert.Equal(cause, Assert.Throws<GrammarRefusedException>(() => GrammarCompiler.Ebnf(grammar)).Cause);

    [Fact]
    public void Right_recursion_and_deep_nesting_need_no_stack()
    {
        GrammarState state = GrammarCompiler.Ebnf("root ::= \"(\" root \")\" | \"x\" root | \"\"").Start(Checks.Bytes);
        Assert.True(state.TryAccept(Encoding.ASCII.GetBytes(new string('x', 50_000))));
        Assert.True(state.TryAccept(Encoding.ASCII.GetBytes(new string('(', 20_000))));
        Assert.Equal(20_000, state.Completion(30_000)!.Length);
    }
}
