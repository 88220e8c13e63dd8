using XLLM.Text.StopSequences;

namespace XLLM.Text.Tests.StopSequences;

public class StopStringMatcherTests
{
    [Fact]
    public void A_stop_string_across_three_chunks_is_found_and_left_out()
    {
        var matcher = new StopStringMatcher(["<end>"]);

        Assert.Equal(new StopMatch("Hello ", null), matcher.Append("Hello <"));
        Assert.Equal(new StopMatch("", null), matcher.Append("en"));
        Assert.Equal(new StopMatch("", "<end>"), matcher.Append("d> more"));
        Assert.Equal("", matcher.Complete());
    }

    [Fact]
    public void An_included_stop_string_is_given_out_with_the_text()
    {
        var matcher = new StopStringMatcher(["\n\n"], includeStop: true);

        Assert.Equal("a", matcher.Append("a\n").Text);
        Assert.Equal(new StopMatch("\n\n", "\n\n"), matcher.Append("\nb"));
    }

    [Fact]
    public void A_beginning_that_comes_to_nothing_is_given_out()
    {
        var matcher = new StopStringMatcher(["abab!"]);

        Assert.Equal("", matcher.Append("abab").Text);
        Assert.Equal("ab", matcher.Append("ab").Text);
        Assert.Equal("ababc", matcher.Append("c").Text);
    }

    [Fact]
    public void Held_text_comes_at_the_end()
    {
        var matcher = new StopStringMatcher(["STOP"]);

        Assert.Equal("x", matcher.Append("xSTO").Text);
        Assert.Equal("STO", matcher.Complete());
        Assert.Null(matcher.Found);
    }

    [Fact]
    public void The_stop_string_that_is_complete_first_wins()
    {
        var matcher = new StopStringMatcher(["abXY", "X"]);

        Assert.Equal(new StopMatch("ab", "X"), matcher.Append("abXY"));
    }

    [Fact]
    public void Of_stop_strings_complete_at_once_the_longest_wins()
    {
        var matcher = new StopStringMatcher(["c", "abc", "bc"]);

        Assert.Equal(new StopMatch("z", "abc"), matcher.Append("zabc"));
    }

    [Fact]
    public void Nothing_may_follow_a_stop_and_no_stop_string_is_empty()
    {
        var matcher = new StopStringMatcher(["x"]);
        matcher.Append("x");

        Assert.Throws<InvalidOperationException>(() => matcher.Append("y"));
        Assert.Throws<ArgumentException>(() => new StopStringMatcher(["a", ""]));
    }

    [Fact]
    public void Without_stop_strings_everything_passes()
    {
        Assert.Equal(new StopMatch("abc", null), new StopStringMatcher([]).Append("abc"));
    }

    [Fact]
    public void Borders_of_chunks_change_nothing()
    {
        var random = new Random(7);
        for (int round = 0; round < 2000; round++)
        {
            string text = Letters(random, random.Next(0, 30));
            string[] stops = [.. Enumerable.Range(0, random.Next(0, 4)).Select(_ => Letters(random, random.Next(1, 5)))];
            var whole = new StopStringMatcher(stops);
            var split = new StopStringMatcher(stops);

            string expected = whole.Append(text).Text + whole.Complete();
            string actual = "";
            for (int at = 0; at < text.Length && split.Found is null;)
            {
                int length = Math.Min(text.Length - at, random.Next(1, 4));
                actual += split.Append(text.Substring(at, length)).Text;
                at += length;
            }

            Assert.Equal((expected, whole.Found), (actual + split.Complete(), split.Found));
            Assert.Equal(FirstEnd(text, stops), whole.Found is null ? text.Length + 1 : expected.Length + whole.Found.Length);
            Assert.StartsWith(expected, text, StringComparison.Ordinal);
        }
    }

    private static int FirstEnd(string text, string[] stops) => stops
        .Select(s => (At: text.IndexOf(s, StringComparison.Ordinal), s.Length))
        .Where(m => m.At >= 0)
        .Select(m => m.At + m.Length)
        .DefaultIfEmpty(text.Length + 1)
        .Min();

    private static string Letters(Random random, int length) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.Next(2))));
}
