using XLLM.Testing;
using XLLM.Text.Tokenizers;

namespace XLLM.Engine.Tests.Speculation;

/// <summary>What the demo model and its draft have learned, as tokens.</summary>
internal static class DemoTexts
{
    public static readonly string[] Questions =
    [
        "Count from 1 to 30.", "Name the planets.", "What is KV cache?", "Tell me a short story.", "Name the months of the year.",
        "Who are you?", "Count from 20 to 50.",
    ];

    private static readonly Tokenizer Tokenizer = TokenizerLoader.Load(SharedData.DemoModel);

    public static int[] Ask(string question) =>
        [.. Tokenizer.EncodeToIds($"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n")];

    /// <summary>A question of something said in the same text already.</summary>
    public static int[] AskedTwice(string question)
    {
        const string List = "one red apple, two green pears, three yellow plums, four sweet melons, five black cherries";
        return [.. Ask(question), .. Tokenizer.EncodeToIds($"{List}, {List}, {List}, one red")];
    }
}
