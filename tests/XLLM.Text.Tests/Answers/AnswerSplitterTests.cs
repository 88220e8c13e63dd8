using System.Text;
using System.Text.Json;
using XLLM.Testing;
using XLLM.Text.Answers;
using XLLM.Text.Reasoning;
using XLLM.Text.ToolCalls;

namespace XLLM.Text.Tests.Answers;

public sealed class AnswerSplitterTests
{
    private static readonly ToolOffer Tools = new(new HashSet<string>(StringComparer.Ordinal) { "get_weather", "add" });
    private static readonly ReasoningFormat Think = new("<think>", "</think>");

    /// <summary>Format, answer, and what becomes of it: R reasoning, T text, N a call's name, A its arguments.</summary>
    public static TheoryData<ToolCallFormat, string, string> Answers => new()
    {
        { ToolCallFormat.Hermes, "Hello, world!", "T:Hello, world!" },
        { ToolCallFormat.Hermes, "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"K\u00f6ln\", \"days\": 2}}\n</tool_call>",
            "N:get_weather A:{\"city\": \"K\u00f6ln\", \"days\": 2}" },
        { ToolCallFormat.Hermes, "I look.\n<tool_call>{\"arguments\":{\"a\":[1,{}]},\"name\":\"add\"}</tool_call>\n<tool_call>\n{\"name\":\"add\",\"arguments\":{}}\n</tool_call>\n",
            "T:I look. N:add A:{\"a\":[1,{}]} N:add A:{}" },
        { ToolCallFormat.Hermes, "<tool_call>{\"name\":\"add\"}</tool_call>", "N:add A:{}" },
        { ToolCallFormat.Hermes, "<tool_call>{\"name\":\"add\",\"arguments\":null,\"id\":-1.5e3}</tool_call> bye", "N:add A:{} T: bye" },
        { ToolCallFormat.Hermes, "<tool_call>{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}</tool_call>", "N:add A:{\"a\":1}" },
        { ToolCallFormat.Hermes, "<tool_call>{\"name\":\"rm\",\"arguments\":{\"a\":1}}</tool_call> x", "T:<tool_call>{\"name\":\"rm\",\"arguments\":{\"a\":1}}</tool_call> x" },
        { ToolCallFormat.Hermes, "<tool_call>what? <tool_call>{\"name\":\"add\",\"arguments\":{}}</tool_call>", "T:<tool_call>what? N:add A:{}" },
        { ToolCallFormat.Hermes, "<tool_call>{\"name\":\"add\"", "T:<tool_call>{\"name\":\"add\"" },
        { ToolCallFormat.Hermes, "<tool_call>{\"name\":\"add\",\"arguments\":{\"a\":", "N:add A:{\"a\":" },
        { ToolCallFormat.Hermes, "<tool_call>{\"name\":\"add\",\"arguments\":{\"a\":x}}", "N:add A:{\"a\": T:x}}" },
        { ToolCallFormat.Hermes, "<tool_call>{\"name\":\"add\",\"arguments\":[1]}</tool_call>", "T:<tool_call>{\"name\":\"add\",\"arguments\":[1]}</tool_call>" },
        { ToolCallFormat.Hermes, "a <tool_ b </tool_call> c <", "T:a <tool_ b </tool_call> c <" },
        { ToolCallFormat.Hermes, "<think>\nLet me see:\n <tool_call>\n\n</think>\n\nYes.", "R:Let me see:\n <tool_call> T:Yes." },
        { ToolCallFormat.Hermes, "<think>\n\n</think>\n\n<tool_call>{\"name\":\"add\",\"arguments\":{}}</tool_call>", "N:add A:{}" },
        { ToolCallFormat.Hermes, "<think>no end </thi", "R:no end </thi" },
        { ToolCallFormat.Hermes, "Say <think> and </think>.\n", "T:Say <think> and </think>.\n" },
        { ToolCallFormat.Llama3, "{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Bonn\"}}", "N:get_weather A:{\"city\": \"Bonn\"}" },
        { ToolCallFormat.Llama3, "<|python_tag|>{\"name\":\"add\",\"parameters\":{\"a\":1}}; {\"name\":\"add\",\"parameters\":{\"a\":\"}\"}}",
            "N:add A:{\"a\":1} N:add A:{\"a\":\"}\"}" },
        { ToolCallFormat.Llama3, "\n{\"name\": \"Bob\", \"age\": 7}", "T:\n{\"name\": \"Bob\", \"age\": 7}" },
        { ToolCallFormat.Llama3, "{\"a\": 1} is JSON. {\"name\":\"add\",\"parameters\":{}}", "T:{\"a\": 1} is JSON. {\"name\":\"add\",\"parameters\":{}}" },
        { ToolCallFormat.Llama3, "<{\"name\":\"add\",\"parameters\":{}}", "T:<{\"name\":\"add\",\"parameters\":{}}" },
        { ToolCallFormat.Llama3, "<|python_tag|>print(1)", "T:<|python_tag|>print(1)" },
        { ToolCallFormat.Mistral, "[TOOL_CALLS][{\"name\": \"add\", \"arguments\": {\"a\": 1}}, {\"name\": \"add\", \"arguments\": {}}]", "N:add A:{\"a\": 1} N:add A:{}" },
        { ToolCallFormat.Mistral, "Well.[TOOL_CALLS]add[ARGS]{\"a\": 1}[TOOL_CALLS]get_weather[CALL_ID]abc[ARGS]{\"city\":\"\\u00e4\"}", "T:Well. N:add A:{\"a\": 1} N:get_weather A:{\"city\":\"\\u00e4\"}" },
        { ToolCallFormat.Mistral, "[TOOL_CALLS]add{\"a\":1}", "N:add A:{\"a\":1}" },
        { ToolCallFormat.Mistral, "[TOOL_CALLS] nothing", "T:[TOOL_CALLS] nothing" },
        { ToolCallFormat.Mistral, "[TOOL_CALLS][5]", "T:[TOOL_CALLS][5]" },
        { ToolCallFormat.DeepSeek, Deep("<|tool_calls_begin|><|tool_call_begin|>function<|tool_sep|>add\n```json\n{\"a\":1}\n```<|tool_call_end|>\n<|tool_call_begin|>function<|tool_sep|>get_weather\n```json\n{}\n```<|tool_call_end|><|tool_calls_end|>"),
            "N:add A:{\"a\":1} N:get_weather A:{}" },
        { ToolCallFormat.DeepSeek, Deep("Ok<|tool_calls_begin|><|tool_call_begin|>add<|tool_sep|>{\"a\":1}<|tool_call_end|><|tool_calls_end|>"), "T:Ok N:add A:{\"a\":1}" },
        { ToolCallFormat.DeepSeek, Deep("<|tool_calls_begin|>x"), Deep("T:<|tool_calls_begin|>x") },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_is_split_the_same_way_whatever_pieces_it_comes_in(ToolCallFormat format, string answer, string expected)
    {
        Assert.Equal(expected, Split(format, [answer]));
        Assert.Equal(expected, Split(format, [.. answer.Select(c => c.ToString())]));
        for (int i = 0; i <= answer.Length; i++)
        {
            for (int j = i; j <= answer.Length; j++)
            {
                Assert.Equal(expected, Split(format, [answer[..i], answer[i..j], answer[j..]]));
            }
        }
    }

    [Fact]
    public void Arguments_come_while_they_are_written()
    {
        AnswerSplitter splitter = NewSplitter(ToolCallFormat.Hermes, isOpen: false);
        var pieces = new AnswerPieces();
        splitter.Append("<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\"", pieces);
        Assert.Equal("N:add A:{\"a\"", Show(pieces));
        pieces.Clear();
        splitter.Append(": 12", pieces);
        Assert.Equal("A:: 12", Show(pieces));
    }

    [Fact]
    public void Thoughts_that_the_prompt_opened_need_no_opening_mark()
    {
        AnswerFormat format = new(Think, ToolCallFormat.None);
        AnswerSplitter splitter = format.NewSplitter("<|im_start|>assistant\n<think>\n", Tools)!;
        var pieces = new AnswerPieces();
        splitter.Append("Hm. \n", pieces);
        splitter.Append("</think>\n42", pieces);
        splitter.Finish(pieces);
        Assert.Equal("R:Hm. T:42", Show(pieces));
    }

    [Fact]
    public void Calls_beyond_the_offer_are_dropped_and_end_the_answer()
    {
        const string Call = "<tool_call>{\"name\":\"add\",\"arguments\":{}}</tool_call>";
        var splitter = new AnswerSplitter(null, ToolCallFormats.NewParser(ToolCallFormat.Hermes, Tools with { MaxCalls = 1 }));
        var pieces = new AnswerPieces();
        splitter.Append(Call, pieces);
        Assert.False(splitter.IsFull);
        splitter.Append("\n" + Call + "more", pieces);
        Assert.True(splitter.IsFull);
        splitter.Finish(pieces);
        Assert.Equal("N:add A:{}", Show(pieces));
    }

    [Fact]
    public void Without_tools_marks_of_calls_are_text_and_without_thoughts_there_is_no_splitter()
    {
        Assert.Null(new AnswerFormat(null, ToolCallFormat.Hermes).NewSplitter("", ToolOffer.None));
        AnswerSplitter splitter = new AnswerFormat(Think, ToolCallFormat.Hermes).NewSplitter("", ToolOffer.None)!;
        var pieces = new AnswerPieces();
        splitter.Append("<tool_call>{\"name\":\"add\",\"arguments\":{}}</tool_call>", pieces);
        splitter.Finish(pieces);
        Assert.Equal("T:<tool_call>{\"name\":\"add\",\"arguments\":{}}</tool_call>", Show(pieces));
    }

    [Fact]
    public void Random_answers_lose_nothing_and_do_not_depend_on_their_pieces()
    {
        string[] words = ["<tool_call>", "</tool_call>", "{\"name\":\"add\",", "\"arguments\":{", "}", "}}", "<think>", "</think>", " ", "\n", "x", "[TOOL_CALLS]", "[", "]", "add", "[ARGS]", "{", "\"a\":1", "<|python_tag|>", ";", Deep("<|tool_calls_begin|>"), Deep("<|tool_call_begin|>"), Deep("<|tool_sep|>")];
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++)
        {
            var format = (ToolCallFormat)random.Next(1, 5);
            string answer = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => words[random.Next(words.Length)]));
            int cut = random.Next(answer.Length + 1);
            string whole = Split(format, [answer]);
            Assert.Equal(whole, Split(format, [answer[..cut], answer[cut..]]));
            if (!whole.Contains("N:", StringComparison.Ordinal) && !answer.TrimStart().StartsWith("<think>", StringComparison.Ordinal))
            {
                Assert.Equal("T:" + answer, whole.Length == 0 ? "T:" + answer : whole);
            }
        }
    }

    [Theory]
    [InlineData("{\"a\":[1,-0.5,1e9,true,false,null,\"\\u00e4\\n\",{}],\"b\":{\"c\":[[]]}}", true)]
    [InlineData("{\"a\":01}", false)]
    [InlineData("{\"a\":1,}", false)]
    [InlineData("{,}", false)]
    [InlineData("{\"a\" 1}", false)]
    [InlineData("{\"a\":[1}", false)]
    [InlineData("{\"a\":nul}", false)]
    [InlineData("{\"a\":\"\n\"}", false)]
    [InlineData("{\"a\":\"\\x\"}", false)]
    [InlineData("{\"a\":1.}", false)]
    [InlineData("{\"a\":[1,]}", false)]
    [InlineData("[]", false)]
    public void The_scanner_takes_exactly_JSON_objects(string text, bool valid)
    {
        var scanner = new JsonScanner();
        bool taken = text.All(scanner.Append) && scanner.IsDone;
        Assert.Equal(valid, taken);
        Assert.Equal(valid, IsObject(text));
    }

    [SharedTheory("golden/templates")]
    [InlineData("Qwen-Qwen3-0.6B", ToolCallFormat.Hermes, true)]
    [InlineData("Qwen-Qwen2.5-7B-Instruct", ToolCallFormat.Hermes, false)]
    [InlineData("NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use", ToolCallFormat.Hermes, false)]
    [InlineData("meta-llama-Llama-3.1-8B-Instruct", ToolCallFormat.Llama3, false)]
    [InlineData("meta-llama-Llama-3.2-3B-Instruct", ToolCallFormat.Llama3, false)]
    [InlineData("mistralai-Mistral-Nemo-Instruct-2407", ToolCallFormat.Mistral, false)]
    [InlineData("Mistral-Small-3.2-24B-Instruct-2506", ToolCallFormat.Mistral, false)]
    [InlineData("deepseek-ai-DeepSeek-V3.1", ToolCallFormat.DeepSeek, true)]
    [InlineData("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", ToolCallFormat.DeepSeek, true)]
    [InlineData("GLM-4.6", ToolCallFormat.None, true)]
    [InlineData("ByteDance-Seed-OSS", ToolCallFormat.None, true)]
    [InlineData("google-gemma-2-2b-it", ToolCallFormat.None, false)]
    public void The_format_is_known_by_the_template(string template, ToolCallFormat calls, bool thinks)
    {
        AnswerFormat format = AnswerFormat.OfTemplate(
            File.ReadAllText(Path.Combine(SharedData.Root!, "golden", "templates", template + ".jinja")));
        Assert.Equal(calls, format.ToolCalls);
        Assert.Equal(thinks, format.Reasoning is not null);
    }

    private static bool IsObject(string text)
    {
        try
        {
            return JsonDocument.Parse(text).RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // DeepSeek's marks, written with plain letters.
    private static string Deep(string text) => text.Replace("<|", "<\uff5c", StringComparison.Ordinal)
        .Replace("|>", "\uff5c>", StringComparison.Ordinal).Replace("tool_calls_", "tool\u2581calls\u2581", StringComparison.Ordinal)
        .Replace("tool_call_", "tool\u2581call\u2581", StringComparison.Ordinal).Replace("tool_sep", "tool\u2581sep", StringComparison.Ordinal);

    private static AnswerSplitter NewSplitter(ToolCallFormat format, bool isOpen) =>
        new(new ReasoningSplitter(Think, isOpen), ToolCallFormats.NewParser(format, Tools));

    private static string Split(ToolCallFormat format, string[] parts)
    {
        AnswerSplitter splitter = NewSplitter(format, isOpen: false);
        var all = new AnswerPieces();
        var one = new AnswerPieces();
        foreach (string part in parts)
        {
            one.Clear();
            splitter.Append(part, one);
            foreach (AnswerPiece piece in one.Items)
            {
                all.Add(piece.Kind, piece.Call, piece.Text);
            }
        }

        splitter.Finish(all);
        return Show(all);
    }

    private static string Show(AnswerPieces pieces)
    {
        var text = new StringBuilder();
        foreach (AnswerPiece piece in pieces.Items)
        {
            text.Append(text.Length == 0 ? "" : " ").Append("TRNA"[(int)piece.Kind]).Append(':').Append(piece.Text);
        }

        return text.ToString();
    }
}
