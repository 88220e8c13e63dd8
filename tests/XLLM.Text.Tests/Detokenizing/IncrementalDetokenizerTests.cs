using System.Text;
using XLLM.Testing;
using XLLM.Text.Detokenizing;
using XLLM.Text.Tests.Tokenizers;
using XLLM.Text.Tokenizers;

namespace XLLM.Text.Tests.Detokenizing;

public class IncrementalDetokenizerTests
{
    private static readonly Lazy<Tokenizer> Loaded = new(() => TokenizerLoader.Load(SharedData.DemoModel));

    [Fact]
    public void No_increment_has_half_a_character()
    {
        const string Text = "a😀é你👨‍👩‍👧‍👦!";
        IncrementalDetokenizer detokenizer = Loaded.Value.CreateDetokenizer();
        var increments = Loaded.Value.EncodeToIds(Text).Select(detokenizer.Append).ToList();
        increments.Add(detokenizer.Complete());

        Assert.Equal(Text, string.Concat(increments));
        Assert.True(increments.Count(i => i.Length == 0) > 3, "the vocabulary splits these characters into bytes");
        Assert.All(increments, i => Assert.DoesNotContain('\uFFFD', i));
        Assert.All(increments, i => Assert.Equal(i, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(i))));
    }

    [Fact]
    public void An_incomplete_character_becomes_a_replacement_when_a_token_or_the_end_cuts_it()
    {
        Tokenizer demo = Loaded.Value;
        int lead = demo.TokenToId("ð")!.Value;
        int letter = demo.TokenToId("a")!.Value;
        IncrementalDetokenizer cut = demo.CreateDetokenizer();
        IncrementalDetokenizer ended = demo.CreateDetokenizer();

        Assert.Equal("", cut.Append(lead));
        Assert.Equal("\uFFFDa", cut.Append(letter));
        Assert.Equal("", ended.Append(lead));
        Assert.Equal("\uFFFD", ended.Complete());
        Assert.Equal("", ended.Complete());
        Assert.Throws<InvalidOperationException>(() => ended.Append(letter));
    }

    [Fact]
    public void Ids_outside_of_the_vocabulary_give_nothing()
    {
        IncrementalDetokenizer detokenizer = Loaded.Value.CreateDetokenizer();

        Assert.Equal("", detokenizer.Append([-1, int.MaxValue, 4096]));
        Assert.Equal("", detokenizer.Complete());
    }

    [Fact]
    public void A_run_of_byte_tokens_is_held_until_it_is_known_to_be_text()
    {
        Tokenizer tokenizer = SmallTokenizers.SentencePiece();
        IncrementalDetokenizer good = tokenizer.CreateDetokenizer();
        IncrementalDetokenizer bad = tokenizer.CreateDetokenizer();

        Assert.Equal(["", "", "é▂", "hi"], [Byte(good, 0xC3), Byte(good, 0xA9), good.Append(tokenizer.TokenToId("▂")!.Value),
            good.Append(tokenizer.TokenToId("hi")!.Value)]);
        Assert.Equal(["", "", "\uFFFD\uFFFDhi"],
            [Byte(bad, 0xC3), Byte(bad, 0x28), bad.Append(tokenizer.TokenToId("hi")!.Value)]);

        string Byte(IncrementalDetokenizer d, byte b) => d.Append(tokenizer.TokenToId($"<0x{b:X2}>")!.Value);
    }

    [Fact]
    public void The_space_before_a_text_goes_and_no_other()
    {
        Tokenizer tokenizer = SmallTokenizers.SentencePiece();
        IncrementalDetokenizer detokenizer = tokenizer.CreateDetokenizer();
        int word = tokenizer.TokenToId("▁hi")!.Value;

        Assert.Equal("hi", detokenizer.Append(word));
        Assert.Equal(" hi", detokenizer.Append(word));
    }

    [SharedTheory("golden/tokenizers")]
    [InlineData("llama3.1")]
    [InlineData("mistral")]
    [InlineData("phi-3.gguf")]
    [InlineData("gpt-2.gguf")]
    public void Increments_of_random_ids_put_together_equal_decoding_at_once(string name)
    {
        Tokenizer tokenizer = TokenizerLoader.Load(SharedData.Find("golden", "tokenizers", name)!);
        var random = new Random(11);
        for (int round = 0; round < 200; round++)
        {
            int[] ids = [.. Enumerable.Range(0, random.Next(0, 40)).Select(_ =>
                random.Next(tokenizer.VocabularySize >> random.Next(10)))];
            bool skip = random.Next(2) == 0;
            IncrementalDetokenizer detokenizer = tokenizer.CreateDetokenizer(skip);

            string text = string.Concat(ids.Select(detokenizer.Append)) + detokenizer.Complete();

            Assert.Equal(tokenizer.Decode(ids, skip), text);
        }
    }
}
