using System.Globalization;
using System.Text;

namespace XLLM.Cli.Bench;

/// <summary>
/// Prompts of <c>bench speculation</c>, for chat models with ChatML marks. No prompt comes twice in a run: a tree of past responses
/// would know the answer.
/// </summary>
internal static class SpeculationTexts
{
    public static readonly string[] Names = ["repetitive", "chat", "prose"];

    private static readonly string[] Goods = ["apples", "copper wire", "green tea", "bolts", "paper", "oil", "linen", "glass"];
    private static readonly string[] Towns = ["Berlin", "Oslo", "Lima", "Cairo", "Quito", "Perth", "Lyon", "Kyoto"];
    private static readonly string[] Questions =
    [
        "Count from 1 to 30.", "Name the planets.", "Which days has a week?", "What is KV cache?", "Tell me a short story.",
        "What is the capital of France?", "Count from 20 to 50.", "What is speculative decoding?", "Name the months of the year.",
        "What is 12 + 30?", "Who are you?", "Spell the word scheduler.", "What is paged attention?", "Count from 5 to 40.",
    ];

    /// <summary>The text's prompt of a number, from 0; other numbers have other prompts.</summary>
    public static string Of(string name, int number) => name switch
    {
        "repetitive" => Repetitive(number),
        "chat" => Ask(number < Questions.Length
            ? Questions[number] : $"{Questions[number % Questions.Length]} I ask for the {number / Questions.Length}th time."),
        "prose" => Ask($"Write a long essay about the history of {Goods[number % 8]} in {Towns[number / 8 % 8]} since {1500 + (number / 64)}."),
        _ => throw new ArgumentException($"The text '{name}' is not known; one of {string.Join(", ", Names)} was expected."),
    };

    /// <summary>Text that does not come again by itself is drawn with temperature; the rest greedily.</summary>
    public static bool IsGreedy(string name) => name != "prose";

    // A list, the list again, and its beginning: what follows is a copy, as when code is edited or a document quoted.
    private static string Repetitive(int stream)
    {
        StringBuilder list = new();
        for (int i = 0; i < 8; i++)
        {
            int order = (stream * 977) + (i * 313) + 1000;
            list.Append(CultureInfo.InvariantCulture, $"order {order}: {Goods[order / 7 % 8]}, {order % 90} boxes, to {Towns[order / 3 % 8]}\n");
        }

        string first = list.ToString()[..list.ToString().IndexOf(':')];
        return $"{list}\n{list}\n{first}";
    }

    private static string Ask(string question) => $"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n";
}
