using XLLM.Testing;
using XLLM.Text.Tokenizers;

namespace XLLM.Text.Tests.Tokenizers;

public class GgufModelTests
{
    [SharedFact("models/SmolLM2-135M-Instruct.Q4_1.gguf")]
    public void SmolLM2_gives_texts_back_and_knows_its_end_and_template()
    {
        Tokenizer tokenizer = TokenizerLoader.Load(SharedData.Find("models", "SmolLM2-135M-Instruct.Q4_1.gguf")!);
        string[] texts = ["What is gravity?", "  two\n\nlines\t12345 ", "Grüße 你好 😀 𝒜𝓁𝓅", "<|im_start|>user\nhi<|im_end|>\n"];

        Assert.All(texts, t => Assert.Equal(t, tokenizer.Decode(tokenizer.EncodeToIds(t))));
        Assert.All(texts, t => Assert.Equal(t, tokenizer.Decode(tokenizer.EncodeToIds(t, parseSpecialTokens: false))));
        Assert.Equal(49152, tokenizer.VocabularySize);
        Assert.Equal("<|im_end|>", tokenizer.Config.EosToken);
        Assert.Contains(2, tokenizer.Config.EndTokenIds);
        Assert.Contains("<|im_start|>", tokenizer.Config.ChatTemplate, StringComparison.Ordinal);
        Assert.Equal([1, 4093, 198], tokenizer.EncodeToIds("<|im_start|>user\n"));
    }

    [SharedFact("models/xllm-demo-gguf/xllm-demo-Q2_K.gguf")]
    public void The_demo_model_has_the_same_tokens_as_folder_and_as_GGUF_file()
    {
        Tokenizer folder = TokenizerLoader.Load(SharedData.DemoModel);
        Tokenizer file = TokenizerLoader.Load(SharedData.Find("models", "xllm-demo-gguf", "xllm-demo-Q2_K.gguf")!);
        var random = new Random(5);
        for (int round = 0; round < 300; round++)
        {
            string text = RandomText.Next(random) + "<|im_end|><think>";

            Assert.Equal(folder.EncodeToIds(text), file.EncodeToIds(text));
            Assert.Equal(text, file.Decode(file.EncodeToIds(text, parseSpecialTokens: false)));
        }

        Assert.Equal(folder.Config.ChatTemplate, file.Config.ChatTemplate);
        Assert.Contains(4091, file.Config.EndTokenIds);
    }
}
