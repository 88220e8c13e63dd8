using XLLM.Text.Tokenizers;
using XLLM.Text.Tokenizers.Models;

namespace XLLM.Text.Tests.Tokenizers;

public class BpeTests
{
    [Fact]
    public void Short_and_long_words_are_merged_alike()
    {
        MergeTable merges = Table(["a a", "aa a", "a b", "ab a", "b b", "aa aa", "b a", "bb ab"]);
        var random = new Random(3);
        for (int round = 0; round < 3000; round++)
        {
            int[] word = [.. Enumerable.Range(0, random.Next(1, 24)).Select(_ => random.Next(2))];
            int[] padded = [.. word, .. Enumerable.Repeat(25, 30)];

            Assert.Equal(Merge(word, merges), Merge(padded, merges)[..^30]);
        }
    }

    [Fact]
    public void A_word_of_a_hundred_thousand_letters_takes_n_log_n_heap_steps()
    {
        string[] merges = [.. Enumerable.Range(0, 10).Select(i => $"{new string('a', 1 << i)} {new string('a', 1 << i)}")];
        Tokenizer tokenizer = SmallTokenizers.Bpe(merges);
        const int Length = 100_000;

        IReadOnlyList<int> ids = tokenizer.EncodeToIds(new string('a', Length));

        // Quadratic work on this word would be 10^10 steps, minutes; the result also has a size that says how merging went.
        Assert.Equal(Length / 1024, ids.Count(id => id == tokenizer.TokenToId(new string('a', 1024))));
        Assert.Equal(Length, tokenizer.Decode(ids).Length);
    }

    [Fact]
    public void The_cache_of_words_stays_bounded()
    {
        var cache = new WordCache();
        for (int i = 0; i < 50_000; i++)
        {
            cache.Add($"word{i}", [i]);
        }

        cache.Add(new string('x', 1000), [1]);
        Assert.InRange(cache.Count, 1, 16_384);
        Assert.True(cache.TryGet("word49999", out int[]? ids) && ids is [49_999]);
        Assert.False(cache.TryGet(new string('x', 1000), out _));
    }

    [Fact]
    public void Several_threads_get_the_same_tokens()
    {
        Tokenizer tokenizer = SmallTokenizers.Bpe(["a b", "ab c", "d e", "abc de"]);
        string[] texts = [.. Enumerable.Range(0, 500).Select(i =>
            $"abcde {(char)('a' + (i % 26))}abc de{i % 7}".Replace("0", ""))];
        IReadOnlyList<int>[] expected = [.. texts.Select(t =>
            SmallTokenizers.Bpe(["a b", "ab c", "d e", "abc de"]).EncodeToIds(t))];

        Parallel.For(0, texts.Length * 4, i =>
            Assert.Equal(expected[i % texts.Length], tokenizer.EncodeToIds(texts[i % texts.Length])));
    }

    private static int[] Merge(int[] word, MergeTable merges)
    {
        int[] symbols = [.. word];
        return symbols[..BpeMerger.Merge(symbols, merges)];
    }

    private static MergeTable Table(string[] merges)
    {
        (string, string)[] pairs = [.. merges.Select(m => (m.Split(' ')[0], m.Split(' ')[1]))];
        string[] tokens = [.. "abcdefghijklmnopqrstuvwxyz".Select(c => c.ToString()), .. pairs.Select(p => p.Item1 + p.Item2)];
        return MergeTable.Build(pairs, new Vocabulary([.. tokens.Distinct()]), "", lastWins: true);
    }
}
