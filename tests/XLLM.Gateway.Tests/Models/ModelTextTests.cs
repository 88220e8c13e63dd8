using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Contracts.Fleet;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Models;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Gateway.OpenAi.Json;
using XLLM.Gateway.Text;
using XLLM.Testing;

namespace XLLM.Gateway.Tests.Models;

/// <summary>Tokenizer and template of real models behind the gateway's seams.</summary>
public sealed class ModelTextTests
{
    private static readonly Lazy<ModelText> Demo = new(() => Load(SharedData.DemoModel));

    [Fact]
    public void The_demo_models_template_and_advice_are_found()
    {
        Assert.Equal(
            "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
            Render("""{"messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Hi"}]}"""));
        Assert.Equal((0.7f, 0.9f), (Demo.Value.Defaults.Temperature, Demo.Value.Defaults.TopP));
    }

    [Fact]
    public void Special_tokens_of_a_template_are_single_tokens_and_text_comes_back()
    {
        ITextCodec codec = Demo.Value.Codec;
        IReadOnlyList<int> tokens = codec.Encode("<|im_start|>user\nHi<|im_end|>", addSpecialTokens: false);
        Assert.Equal(4091, tokens[^1]);
        Assert.Equal("user\nHi", codec.Decode(tokens, skipSpecialTokens: true));
        ITextStream stream = codec.NewStream(skipSpecialTokens: true, []);
        Assert.Equal("user\nHi", string.Concat(tokens.Select(stream.Append)) + stream.Finish());
    }

    [Fact]
    public void A_template_that_knows_no_developer_sees_a_system_message()
    {
        Assert.StartsWith("<|im_start|>system\nBe kind.", Render(
            """{"messages":[{"role":"developer","content":"Be kind."},{"role":"user","content":"Hi"}]}"""));
    }

    [Fact]
    public void A_final_message_is_continued_without_its_end()
    {
        Assert.EndsWith("<|im_start|>assistant\nThe answer", Render(
            """{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"The answer "}],"continue_final_message":true}"""));
    }

    [Fact]
    public void Tools_calls_and_thinking_reach_the_template()
    {
        string text = Render("""
            {"messages":[{"role":"user","content":"Hi"},
              {"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\": [1]}"}}]},
              {"role":"tool","tool_call_id":"1","content":"2"}],
             "tools":[{"type":"function","function":{"name":"f"}}],"chat_template_kwargs":{"enable_thinking":true}}
            """);
        Assert.Contains("<tools>\n{\"type\": \"function\", \"function\": {\"name\": \"f\"}}\n</tools>", text);
        Assert.Contains("<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": [1]}}\n</tool_call>", text);
        Assert.EndsWith("<think>\n", text);
    }

    [Fact]
    public void A_template_that_cannot_render_is_the_callers_fault_and_says_why()
    {
        ApiException exception = Assert.Throws<ApiException>(
            () => Render("""{"messages":[{"role":"user","content":"Hi"}],"chat_template_kwargs":{"tools":5}}"""));
        Assert.Equal(400, exception.Error.Row.Status);
        Assert.Equal("messages", exception.Error.Param);
    }

    [Fact]
    public void A_model_without_a_template_completes_but_does_not_chat()
    {
        using var folder = new TempFolder();
        File.Copy(Path.Combine(SharedData.DemoModel, "tokenizer.json"), Path.Combine(folder.Path, "tokenizer.json"));
        ModelText text = Load(folder.Path);
        Assert.NotEmpty(text.Codec.Encode("Hi", addSpecialTokens: true));
        ApiException exception = Assert.Throws<ApiException>(() => text.Chat.Render(PromptOf("""{"messages":[{"role":"user","content":"Hi"}]}""")));
        Assert.Contains("no chat template", exception.Message);
    }

    [Theory]
    [InlineData("", null, null)]
    [InlineData("[1]", null, null)]
    [InlineData("{\"temperature\":\"hot\",\"top_k\":-5}", null, null)]
    [InlineData("{\"temperature\":1e999,\"top_k\":1e30}", null, null)]
    [InlineData("{\"temperature\":0.25,\"top_k\":3}", 0.25f, 3)]
    public void Advice_that_makes_no_sense_is_left_out(string json, float? temperature, int? topK)
    {
        using var folder = new TempFolder();
        File.WriteAllText(Path.Combine(folder.Path, "generation_config.json"), json);
        SamplingDefaults defaults = SamplingDefaultsFile.Read(folder.Path);
        Assert.Equal((temperature, topK), (defaults.Temperature, defaults.TopK));
    }

    [SharedFact("models/SmolLM2-135M-Instruct.Q4_1.gguf")]
    public void A_GGUF_file_has_its_text_side_inside()
    {
        ModelText text = Load(SharedData.Find("models", "SmolLM2-135M-Instruct.Q4_1.gguf")!);
        string prompt = text.Chat.Render(PromptOf("""{"messages":[{"role":"user","content":"Hi"}]}"""));
        Assert.EndsWith("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", prompt);
        Assert.Equal("Hi there", text.Codec.Decode(text.Codec.Encode("Hi there", addSpecialTokens: true), skipSpecialTokens: true));
    }

    private static ModelText Load(string path) => new ModelTextLoader(TimeProvider.System, NullLogger<ModelTextLoader>.Instance).Load(
        new ModelCard { Name = "m", Family = "f", Path = path, ContextLength = 8192, VocabularySize = 1 << 20 }, path);

    private static string Render(string body) => Demo.Value.Chat.Render(PromptOf(body));

    // The document stays alive as long as the values that refer to it.
    private static ChatPrompt PromptOf(string body) => ChatPromptParser.Parse(JsonFields.OfBody(JsonDocument.Parse(body)), 100);

    private sealed class TempFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("xllm-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
