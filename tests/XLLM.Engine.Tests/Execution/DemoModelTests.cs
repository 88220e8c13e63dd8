using XLLM.Engine.Execution;
using XLLM.Testing;
using XLLM.Text.Tokenizers;
using XLLM.Verification.Running;

namespace XLLM.Engine.Tests.Execution;

/// <summary>The bundled model answers what it was trained on, from text to text.</summary>
public sealed class DemoModelTests
{
    [Theory]
    [InlineData("What is the capital of France?", "Paris")]
    [InlineData("What is 12 plus 30?", "42")]
    public void The_demo_model_answers(string question, string answer)
    {
        Tokenizer tokenizer = TokenizerLoader.Load(SharedData.DemoModel);
        using ModelRunner runner = ModelLoader.Load(SharedData.DemoModel, new ModelOptions { KvBlocks = 64 });
        IReadOnlyList<int> prompt = tokenizer.EncodeToIds($"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n");
        int[] tokens = new SequenceFeed(runner).Greedy([.. prompt], 40);
        string text = tokenizer.Decode(tokens.TakeWhile(t => !runner.Model.EndTokens.Contains(t)));
        Assert.Contains(answer, text, StringComparison.Ordinal);
    }
}
