using XLLM.Text.Tokenizers;
using XLLM.Text.Tokenizers.Gguf;
using XLLM.Text.Tokenizers.Patterns;

namespace XLLM.Text.Tests.Tokenizers;

public class PatternTests
{
    [Fact]
    public void Letters_beyond_the_basic_plane_are_letters()
    {
        Assert.Equal(["𝒜𝓁𝓅𝒽𝒶", "𐍈"], Matches(@"\p{L}+", "𝒜𝓁𝓅𝒽𝒶 𐍈 😀"));
        Assert.Equal(["😀"], Matches(@"[^\s\p{L}\p{N}]", "𝒜 😀 𝟙"));
        Assert.Equal(["𝟙𝟚𝟛"], Matches(@"\p{N}{1,3}", "𝟙𝟚𝟛"));
    }

    [Fact]
    public void A_greedy_loop_gives_back_whole_code_points()
    {
        Assert.Equal(["😀😀"], Matches("😀+(?=😀)", "😀😀😀"));
    }

    [Theory]
    [InlineData("(a+)+b")]
    [InlineData("(a|aa)+b")]
    [InlineData("(?:a*)*b")]
    [InlineData("(?:(?:a?)*)*b")]
    public void A_pattern_that_explodes_ends_with_an_error_and_not_never(string pattern)
    {
        var parsed = Pattern.Parse(pattern);

        var e = Assert.Throws<TokenizationException>(() => parsed.FindAll(new string('a', 3000), []));
        Assert.Contains("too many steps", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("[z-a]")]
    [InlineData("*a")]
    [InlineData("a{3,2}")]
    [InlineData("a{99999}")]
    [InlineData("\\")]
    [InlineData("\\p{Nonsense}")]
    [InlineData("(a)\\1")]
    [InlineData("(?<=a+)b")]
    [InlineData("(?@a)")]
    [InlineData("((((a{1000}){1000}){1000}){1000})")]
    [InlineData("\\x{110000}")]
    public void A_pattern_that_is_malformed_or_too_large_is_refused(string pattern) =>
        Assert.Throws<TokenizerFormatException>(() => Pattern.Parse(pattern));

    [Fact]
    public void A_pattern_nested_too_deeply_is_refused() =>
        Assert.Throws<TokenizerFormatException>(() => Pattern.Parse(new string('(', 5000) + new string(')', 5000)));

    [Fact]
    public void Every_name_of_a_pre_tokenizer_has_patterns_that_parse_and_lose_nothing()
    {
        string[] needed =
        [
            "default", "llama-bpe", "llama3", "qwen2", "deepseek-llm", "deepseek-coder", "deepseek-v3", "gpt-2", "smollm",
            "starcoder", "refact",
            "falcon", "command-r", "mpt", "gpt-4o", "tekken",
        ];
        Assert.Subset(PreTokenizerPresets.Names.ToHashSet(), needed.ToHashSet());
        foreach (string source in PreTokenizerPresets.Names.SelectMany(n => PreTokenizerPresets.Get(n).Patterns).Distinct())
        {
            var matches = new List<(int Start, int End)>();
            Pattern.Parse(source).FindAll("Hello, wörld 123 你好 😀\n\n don't", matches);
            Assert.All(matches, m => Assert.True(m.Start <= m.End));
        }
    }

    [Fact]
    public void An_unknown_name_of_a_pre_tokenizer_is_refused_with_the_known_ones()
    {
        var e = Assert.Throws<TokenizerFormatException>(() => PreTokenizerPresets.Get("no-such"));

        Assert.Contains("\"no-such\"", e.Message, StringComparison.Ordinal);
        Assert.Contains("llama-bpe", e.Message, StringComparison.Ordinal);
    }

    private static List<string> Matches(string pattern, string text)
    {
        var matches = new List<(int Start, int End)>();
        Pattern.Parse(pattern).FindAll(text, matches);
        return [.. matches.Select(m => text[m.Start..m.End])];
    }
}
