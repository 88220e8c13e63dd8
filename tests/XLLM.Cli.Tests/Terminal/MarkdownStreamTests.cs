using System.Text;
using XLLM.Cli.Terminal;

namespace XLLM.Cli.Tests.Terminal;

public sealed class MarkdownStreamTests
{
    private const string Whole = "# Title\nSome **bold** and *slanted* text with `code * x`.\n\n- one\n- two\n  - three\n\n```cs\nint x = 2 * 3;\n# no heading\n```\n> quoted\n---\n3 * 4 = 12, snake_case, 2 ** 3\n1. first\n";

    [Fact]
    public void What_is_known_is_styled_and_the_rest_stays_as_it_is()
    {
        string shown = Show(Whole, Whole.Length);

        Assert.Contains("\e[1m\e[4mTitle\e[0m\n", shown);
        Assert.Contains("Some \e[1mbold\e[22m and \e[3mslanted\e[23m text with \e[36mcode * x\e[39m.", shown);
        Assert.Contains("• one\n• two\n  • three\n", shown);
        Assert.Contains("\e[2m┌ cs\e[0m\e[0m\n\e[2m│ \e[0m\e[36mint x = 2 * 3;\e[0m\n\e[2m│ \e[0m\e[36m# no heading\e[0m\n\e[2m└\e[0m\n", shown);
        Assert.Contains("\e[2m▌ \e[0mquoted\n", shown);
        Assert.Contains("────────", shown);
        Assert.Contains("3 * 4 = 12, snake_case, 2 ** 3\n1. first\n", shown);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void However_it_comes_the_same_is_shown(int size) => Assert.Equal(Show(Whole, Whole.Length), Show(Whole, size));

    [Fact]
    public void Text_shows_at_once()
    {
        MarkdownStream markdown = new();
        Assert.Equal("Hel", markdown.Append("Hel"));
        Assert.Equal("lo", markdown.Append("lo"));
        // An asterisk may be one or two: it is held back until that is known.
        Assert.Equal(" ", markdown.Append(" *"));
        Assert.Equal("\e[3ma", markdown.Append("a"));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("**")]
    [InlineData("# ")]
    [InlineData("```")]
    [InlineData("   ")]
    [InlineData("-")]
    [InlineData("**bold")]
    [InlineData("`code")]
    public void An_answer_that_ends_anywhere_loses_nothing_and_leaves_no_style(string text)
    {
        string shown = Show(text, 1);
        foreach (char c in text.Where(char.IsLetter))
        {
            Assert.Contains(c, shown);
        }

        Assert.Equal(shown.Contains('\e', StringComparison.Ordinal), shown.EndsWith("\e[0m", StringComparison.Ordinal));
    }

    [Fact]
    public void A_model_cannot_send_escape_sequences()
    {
        string shown = Show("a\e]0;title\ab\e[2Jc\r\u009b31md\u0000e\tf", 1);
        Assert.Equal("a]0;titleb[2Jc31mde\tf", shown);
    }

    private static string Show(string text, int size)
    {
        MarkdownStream markdown = new();
        StringBuilder shown = new();
        for (int i = 0; i < text.Length; i += size)
        {
            shown.Append(markdown.Append(text[i..Math.Min(text.Length, i + size)]));
        }

        return shown.Append(markdown.Finish()).ToString();
    }
}
