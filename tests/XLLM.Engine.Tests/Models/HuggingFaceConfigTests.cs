using XLLM.Engine.Models;
using XLLM.Formats;

namespace XLLM.Engine.Tests.Models;

public sealed class HuggingFaceConfigTests
{
    [Fact]
    public void Sizes_are_read_and_what_is_not_said_is_derived()
    {
        ModelConfig config = ConfigFolder.Read(("head_dim", null), ("num_key_value_heads", null), ("rope_theta", null));
        Assert.Equal((64, 160, 3, 4), (config.HiddenSize, config.IntermediateSize, config.Layers, config.Heads));
        Assert.Equal((4, 16, 320, 512), (config.KvHeads, config.HeadDim, config.VocabularySize, config.ContextLength));
        Assert.Equal(10_000, config.Rope.Theta);
        Assert.False(config.TiedEmbeddings);
        Assert.Equal([0, 0, 0], config.Windows.AsEnumerable());
    }

    [Fact]
    public void The_old_and_the_new_form_of_rotary_settings_mean_the_same()
    {
        const string scaling =
            """{"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64""";
        ModelConfig old = ConfigFolder.Read(("rope_theta", "500000.0"), ("rope_scaling", scaling + "}"));
        ModelConfig new5 = ConfigFolder.Read(
            ("rope_theta", null), ("rope_parameters", scaling + """, "rope_theta": 500000.0}"""));
        Assert.Equal(old.Rope, new5.Rope);
        Assert.Equal(RopeScaling.Llama3, old.Rope.Scaling);
    }

    [Fact]
    public void End_tokens_are_those_of_both_files()
    {
        string config = ConfigFolder.Change(("eos_token_id", "[2, 7]"));
        Assert.Equal([2, 5, 7], ConfigFolder.ReadText(config, """{"eos_token_id": [5, 2]}""").EndTokens.AsEnumerable());
        Assert.Equal(
            [5],
            ConfigFolder.ReadText(ConfigFolder.Change(("eos_token_id", "null")), """{"eos_token_id": 5}""").EndTokens.AsEnumerable());
    }

    [Fact]
    public void Sliding_windows_follow_the_rules_of_their_family()
    {
        (string, string?)[] mistral = [("model_type", "\"mistral\""), ("architectures", "[\"MistralForCausalLM\"]"), ("sliding_window", "12")];
        Assert.Equal([12, 12, 12], ConfigFolder.Read(mistral).Windows.AsEnumerable());

        (string, string?)[] qwen = [("model_type", "\"qwen2\""), ("architectures", null), ("sliding_window", "12"), ("max_window_layers", "2")];
        Assert.Equal([0, 0, 0], ConfigFolder.Read(qwen).Windows.AsEnumerable());
        Assert.Equal([0, 0, 12], ConfigFolder.Read([.. qwen, ("use_sliding_window", "true")]).Windows.AsEnumerable());
        Assert.Equal(
            [12, 0, 12],
            ConfigFolder.Read([
                .. qwen,
                ("use_sliding_window", "true"),
                ("layer_types", """["sliding_attention", "full_attention", "sliding_attention"]"""),
            ]).Windows.AsEnumerable());
        Assert.Equal([0, 0, 0], ConfigFolder.Read(("sliding_window", "12")).Windows.AsEnumerable());
    }

    [Fact]
    public void Biases_follow_the_family_and_the_settings()
    {
        ModelConfig qwen2 = ConfigFolder.Read(("model_type", "\"qwen2\""));
        Assert.Equal((true, false, false), (qwen2.QkvBias, qwen2.OutputBias, qwen2.MlpBias));
        ModelConfig llama = ConfigFolder.Read(("attention_bias", "true"), ("mlp_bias", "true"));
        Assert.Equal((true, true, true), (llama.QkvBias, llama.OutputBias, llama.MlpBias));
    }

    [Fact]
    public void All_problems_are_named_at_once()
    {
        var error = Assert.Throws<ModelFormatException>(() => ConfigFolder.Read(
            ("hidden_size", null),
            ("num_hidden_layers", "-3"),
            ("vocab_size", "\"many\""),
            ("rms_norm_eps", "[]"),
            ("num_key_value_heads", "3"),
            ("hidden_act", "\"gelu\""),
            ("eos_token_id", "99999"),
            ("rope_scaling", """{"rope_type": "dynamic", "factor": 2}""")));
        foreach (string part in new[]
        {
            "hidden_size is missing", "num_hidden_layers is -3; 1 to 1024 was expected", "vocab_size should be an integer, found String",
            "rms_norm_eps should be a number", "4 attention heads are no multiple of 3", "hidden_act is 'gelu'", "end token 99999",
            "rope scaling 'dynamic' is not supported; default, linear, llama3 and yarn are",
        })
        {
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("model_type", "\"gpt9\"", "architecture 'gpt9' is not supported; supported are llama, mistral, qwen2, qwen3")]
    [InlineData("architectures", "[\"LlamaForSequenceClassification\"]", "one that ends in ForCausalLM")]
    [InlineData("hidden_size", "1e400", "hidden_size should be an integer")]
    [InlineData("hidden_size", "99999999999999999999", "hidden_size should be an integer")]
    [InlineData("hidden_size", "64.5", "hidden_size should be an integer")]
    [InlineData("rope_theta", "-1", "rope_theta is -1")]
    [InlineData("head_dim", "15", "an even one was expected")]
    [InlineData("rope_scaling", "{\"type\": \"yarn\", \"factor\": 0}", "rope_scaling.factor is 0")]
    [InlineData("rope_scaling", "{\"type\": \"llama3\", \"factor\": 2}", "rope_scaling.low_freq_factor is missing")]
    [InlineData("quantization_config", "{\"quant_method\": \"awq\"}", "quantised by 'awq' are not supported")]
    [InlineData("rope_scaling", "7", "rope_scaling should be an object")]
    [InlineData("rope_parameters", "{\"rope_type\": \"default\", \"partial_rotary_factor\": 0.5}", "only 1 is supported")]
    public void A_wrong_value_is_refused_with_the_reason(string key, string json, string reason)
    {
        var error = Assert.Throws<ModelFormatException>(() => ConfigFolder.Read((key, json)));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("config.json", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"a": 1, "a": 2}""")]
    [InlineData("""{"model_type": "\ud800"}""")]
    [InlineData("""{"\ud800": 1}""")]
    public void Something_else_than_a_JSON_object_is_refused(string text) =>
        Assert.Throws<ModelFormatException>(() => ConfigFolder.ReadText(text));

    [Fact]
    public void Deep_nesting_is_refused() =>
        Assert.Throws<ModelFormatException>(() => ConfigFolder.ReadText($$"""{"a": {{new string('[', 100_000)}}"""));

    [Fact]
    public void Damaged_configurations_give_format_errors_only()
    {
        byte[] valid = System.Text.Encoding.UTF8.GetBytes(ConfigFolder.Valid);
        using var folder = new TempFolder();
        int refused = 0;
        for (int seed = 0; seed < 800; seed++)
        {
            var random = new Random(seed);
            byte[] damaged = (byte[])valid.Clone();
            for (int i = 0; i <= random.Next(3); i++)
            {
                damaged[random.Next(damaged.Length)] = (byte)"0123456789-e.\"[]{},:tn\xff"[random.Next(23)];
            }

            folder.Add("config.json", damaged);
            try
            {
                ModelConfig config = HuggingFaceConfig.Read(folder.Path);
                _ = ModelFamilies.Require("", config.Architecture).Record(config);
            }
            catch (ModelFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 100, 799);
    }
}
