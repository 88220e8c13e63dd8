using XLLM.Testing;
using XLLM.Text.Tokenizers;

namespace XLLM.Text.Tests.Tokenizers;

public class DemoModelTests
{
    private static readonly Lazy<Tokenizer> Loaded = new(() => TokenizerLoader.Load(SharedData.DemoModel));

    private static Tokenizer Demo => Loaded.Value;

    [Fact]
    public void The_demo_tokenizer_states_its_size_end_tokens_and_template()
    {
        Assert.Equal(4096, Demo.VocabularySize);
        Assert.Equal([4091, 4089], Demo.Config.EndTokenIds);
        Assert.Equal("<|im_end|>", Demo.Config.EosToken);
        Assert.Null(Demo.Config.BosToken);
        Assert.Equal(8192, Demo.Config.ModelMaxLength);
        Assert.Contains("<|im_start|>", Demo.Config.ChatTemplate, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Hello, world! What is the capital of France?")]
    [InlineData("  spaces\n\n\ttabs and 12345 digits   ")]
    [InlineData("Grüße, 你好, 😀 𝒜𝓁𝓅𝒽𝒶")]
    public void Decoding_gives_the_encoded_text_back(string text) => Assert.Equal(text, Demo.Decode(Demo.EncodeToIds(text)));

    [Fact]
    public void Special_tokens_in_a_text_are_tokens_or_text_as_asked()
    {
        const string Text = "<|im_start|>user\nhi<|im_end|>";

        IReadOnlyList<int> parsed = Demo.EncodeToIds(Text);
        IReadOnlyList<int> plain = Demo.EncodeToIds(Text, parseSpecialTokens: false);

        Assert.Equal(4090, parsed[0]);
        Assert.Equal(4091, parsed[^1]);
        Assert.DoesNotContain(4090, plain);
        Assert.Equal(Text, Demo.Decode(plain));
        Assert.Equal("user\nhi", Demo.Decode(parsed, skipSpecialTokens: true));
    }

    [Fact]
    public void Added_tokens_that_are_not_special_are_kept_when_special_ones_are_skipped()
    {
        IReadOnlyList<int> ids = Demo.EncodeToIds("<think>so</think>");

        Assert.Equal(4092, ids[0]);
        Assert.False(Demo.IsSpecial(4092));
        Assert.True(Demo.IsSpecial(4091));
        Assert.Equal("<think>so</think>", Demo.Decode(ids, skipSpecialTokens: true));
    }
}
