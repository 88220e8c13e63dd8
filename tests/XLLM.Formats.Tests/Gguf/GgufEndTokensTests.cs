using XLLM.Formats.Gguf;

namespace XLLM.Formats.Tests.Gguf;

public sealed class GgufEndTokensTests
{
    private const int Normal = 1;
    private const int Control = 3;
    private const int UserDefined = 4;

    [Fact]
    public void Named_ones_come_first_then_control_tokens_known_by_their_text()
    {
        Assert.Equal(
            [2, 0],
            Find([("<|im_end|>", Control), ("a", Normal), ("<x>", Control), ("<|eot_id|>", UserDefined)], ("eos", 2)));
        Assert.Equal([0], Find([("</s>", Control), ("</s>", Normal)], ("eos", 0), ("eot", 0)));
    }

    [Fact]
    public void Named_ids_outside_the_vocabulary_are_left_out()
    {
        Assert.Equal([1], Find([("a", Normal), ("b", Normal)], ("eos", 1), ("eot", 2), ("eom", uint.MaxValue)));
    }

    [Fact]
    public void In_the_harmony_format_the_end_of_a_message_does_not_end_the_generation()
    {
        Assert.Equal([0, 2], Find([("<|return|>", Control), ("<|end|>", Control), ("<|call|>", Control)]));
        Assert.Equal([1], Find([("a", Normal), ("<|end|>", Control)]));
    }

    [Fact]
    public void A_file_without_tokens_has_none()
    {
        using var temp = new TempFile(new GgufBuilder().Build());
        using GgufFile file = GgufFile.Open(temp.Path);
        Assert.Empty(GgufEndTokens.Find(file));
    }

    private static IReadOnlyList<int> Find((string Text, int Type)[] tokens, params (string Role, uint Id)[] named)
    {
        var builder = new GgufBuilder();
        builder.Add("tokenizer.ggml.tokens", 8, w => GgufBuilder.Strings(w, [.. tokens.Select(t => t.Text)]));
        builder.Add("tokenizer.ggml.token_type", 5, w =>
        {
            w.Write((ulong)tokens.Length);
            Array.ForEach(tokens, t => w.Write(t.Type));
        });
        foreach ((string role, uint id) in named)
        {
            builder.Add($"tokenizer.ggml.{role}_token_id", id);
        }

        using var temp = new TempFile(builder.Build());
        using GgufFile file = GgufFile.Open(temp.Path);
        return GgufEndTokens.Find(file);
    }
}
