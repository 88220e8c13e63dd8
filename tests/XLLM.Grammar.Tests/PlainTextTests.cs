using System.Text;

namespace XLLM.Grammar.Tests;

/// <summary>Patterns and choices as whole texts.</summary>
public sealed class PlainTextTests
{
    [Theory]
    [InlineData("[a-z]+@[a-z]+\\.(com|org)", "me@here.org", "me@here.net")]
    [InlineData("(?:yes|no)!?", "no!", "no!!")]
    [InlineData("\\d{4}-\\d{2}", "2024-05", "2024-5")]
    [InlineData("é+😀", "éé😀", "é")]
    [InlineData("a|^b$", "b", "ab")]
    [InlineData("\\d\\w", "4a", "٤a")]
    [InlineData("\\w+\\s", "ab\ufeff", "äb ")]
    public void A_pattern_takes_whole_texts(string pattern, string valid, string invalid)
    {
        CompiledGrammar grammar = GrammarCompiler.Regex(pattern);
        Assert.True(Checks.Takes(grammar, valid));
        Assert.False(Checks.Takes(grammar, invalid));
    }

    [Fact]
    public void A_choice_takes_its_texts()
    {
        CompiledGrammar grammar = GrammarCompiler.Choice(["positive", "pos", "né"]);
        Assert.All((string[])["positive", "pos", "né"], t => Assert.True(Checks.Takes(grammar, t)));
        Assert.All((string[])["posi", "n", "positives", ""], t => Assert.False(Checks.Takes(grammar, t)));
        GrammarState state = grammar.Start(Checks.Bytes);
        Assert.True(state.TryAccept("n"u8));
        Assert.Equal("é", Encoding.UTF8.GetString(state.ForcedBytes()));
    }

    [Theory]
    [InlineData("a(?<=b)")]
    [InlineData("(")]
    [InlineData("[^\\s\\S]")]
    public void What_no_automaton_keeps_is_refused(string pattern) =>
        Assert.Throws<GrammarRefusedException>(() => GrammarCompiler.Regex(pattern));

    [Fact]
    public void A_json_object_is_any_object()
    {
        CompiledGrammar grammar = GrammarCompiler.JsonObject();
        Assert.True(Checks.Takes(grammar, """ {"a": [1, {"b": null}]}"""));
        Assert.False(Checks.Takes(grammar, "[]"));
    }
}
