using XLLM.Testing;
using XLLM.Verification;

namespace XLLM.Text.Tests.Tokenizers;

/// <summary>Every line of the shared goldens, which Hugging Face tokenizers and llama.cpp computed.</summary>
public class GoldenTokensTests
{
    [SharedTheory("golden/tokens", "golden/tokenizers")]
    [InlineData("llama3.1", 376)]
    [InlineData("deepseek-v3", 376)]
    [InlineData("mistral", 376)]
    [InlineData("qwen3", 376)]
    public void Every_line_of_a_folder_tokenizer_is_equal(string name, int lines) =>
        AssertAll(SharedData.Find("golden", "tokenizers", name)!, name, lines);

    [SharedTheory("golden/tokens", "golden/tokenizers")]
    [InlineData("deepseek-llm")]
    [InlineData("gpt-2")]
    [InlineData("llama-spm")]
    [InlineData("phi-3")]
    [InlineData("qwen2")]
    public void Every_line_of_a_GGUF_vocabulary_is_equal(string name) =>
        AssertAll(SharedData.Find("golden", "tokenizers", name + ".gguf")!, name, 46);

    private static void AssertAll(string tokenizer, string name, int lines)
    {
        IReadOnlyList<VerifyCase> cases = TokenVerifier.Verify(tokenizer, SharedData.Find("golden", "tokens", name + ".jsonl")!);
        var failed = cases.Where(c => !c.Passed).ToList();
        Assert.True(failed.Count == 0, $"{failed.Count} of {cases.Count} lines differ:\n{string.Join('\n', failed.Take(12))}");
        Assert.Equal(lines, cases.Count);
    }
}
