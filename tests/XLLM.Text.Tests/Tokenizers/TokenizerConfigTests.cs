using XLLM.Text.Tokenizers;
using XLLM.Text.Tokenizers.HuggingFace;

namespace XLLM.Text.Tests.Tokenizers;

public sealed class TokenizerConfigTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Special_tokens_are_read_in_both_forms_and_tokenizer_config_wins()
    {
        Write("special_tokens_map.json",
            """{"bos_token": "<old>", "unk_token": {"content": "<unk>"}, "additional_special_tokens": ["x"]}""");
        Write("tokenizer_config.json", """
            {"bos_token": "<s>", "eos_token": {"__type": "AddedToken", "content": "</s>"}, "pad_token": null, "add_bos_token": true,
             "model_max_length": 1000000000000000019884624838656}
            """);

        TokenizerConfig config = TokenizerConfigReader.Read(_folder);

        Assert.Equal("<s>", config.BosToken);
        Assert.Equal("</s>", config.EosToken);
        Assert.Equal(["bos_token", "eos_token", "unk_token"], config.SpecialTokens.Keys.Order());
        Assert.Null(config.ModelMaxLength);
        Assert.Null(config.ChatTemplate);
    }

    [Fact]
    public void Named_templates_and_template_files_are_read()
    {
        Write("tokenizer_config.json",
            """{"chat_template": [{"name": "default", "template": "D"}, {"name": "tool_use", "template": "T"}]}""");
        Assert.Equal(("D", "T"),
            (TokenizerConfigReader.Read(_folder).ChatTemplate, TokenizerConfigReader.Read(_folder).ChatTemplates["tool_use"]));

        Write("chat_template.jinja", "F");
        Assert.Equal("F", TokenizerConfigReader.Read(_folder).ChatTemplate);
    }

    [Fact]
    public void End_tokens_come_from_generation_config_and_the_end_token()
    {
        Write("tokenizer.json", """
            {"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}, "added_tokens": [{"id": 5, "content": "</s>", "special": true}]}
            """);
        Write("tokenizer_config.json", """{"eos_token": "</s>"}""");
        Write("generation_config.json", """{"eos_token_id": [0, 77]}""");

        Tokenizer tokenizer = TokenizerLoader.Load(_folder);

        Assert.Equal([0, 5], tokenizer.Config.EndTokenIds);
        Assert.Equal(6, tokenizer.VocabularySize);
        Assert.Null(tokenizer.IdToToken(3));
        Assert.Equal("</s>"u8.ToArray(), tokenizer.TokenBytes(5).ToArray());
    }

    [Theory]
    [InlineData("tokenizer_config.json", "[1]")]
    [InlineData("tokenizer_config.json", """{"chat_template": 5}""")]
    [InlineData("generation_config.json", """{"eos_token_id": "x"}""")]
    [InlineData("special_tokens_map.json", "{")]
    public void A_malformed_file_is_refused_by_name(string name, string json)
    {
        Write(name, json);

        Assert.Contains(name, Assert.Throws<TokenizerFormatException>(() => TokenizerConfigReader.Read(_folder)).Message,
            StringComparison.Ordinal);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}
