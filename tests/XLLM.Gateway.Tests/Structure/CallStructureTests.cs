using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Gateway.Structure;
using XLLM.Text.Answers;
using XLLM.Text.Reasoning;
using XLLM.Text.ToolCalls;

namespace XLLM.Gateway.Tests.Structure;

/// <summary>What a form of calls lets a model write is what the parser of that form reads: each form, written at random and read back.</summary>
public sealed class CallStructureTests
{
    private const string Weather = """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""";
    private const string Clock = """{"type":"object","properties":{"zone":{"type":"integer"}}}""";

    private static readonly Dictionary<string, string> Values = new(StringComparer.Ordinal)
    {
        [Weather] = """{"city": "K\u00f6ln {[\"</tool_call>"}""", [Clock] = """{"zone":-1}""",
        ["""{"type":"object"}"""] = """{"any": [1]}""",
    };

    public static TheoryData<ToolCallFormat, bool, bool> Forms => new()
    {
        { ToolCallFormat.Hermes, false, false }, { ToolCallFormat.Hermes, false, true },
        { ToolCallFormat.Llama3, false, false },
        { ToolCallFormat.Mistral, false, false }, { ToolCallFormat.Mistral, true, false },
        { ToolCallFormat.DeepSeek, false, true }, { ToolCallFormat.DeepSeek, true, true },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Required_calls_are_read_as_calls_and_nothing_else(ToolCallFormat calls, bool newer, bool thinks)
    {
        for (int seed = 0; seed < 50; seed++)
        {
            (List<(string Name, string Arguments)> read, string text) = Read(calls, newer, thinks, seed, Prompt(ToolChoice.Required));
            Assert.Equal("", text.Trim());
            Assert.NotEmpty(read);
            Assert.All(read, c => Assert.Equal(c.Name == "get_weather" ? Values[Weather] : Values[Clock], c.Arguments));
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_named_tool_is_called_once(ToolCallFormat calls, bool newer, bool thinks)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            (List<(string Name, string Arguments)> read, _) = Read(calls, newer, thinks, seed, Prompt(ToolChoice.Named("clock")));
            Assert.Equal([("clock", Values[Clock])], read);
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Without_parallel_calls_there_is_one(ToolCallFormat calls, bool newer, bool thinks)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            Assert.Single(Read(calls, newer, thinks, seed, Prompt(ToolChoice.Required) with { MaxToolCalls = 1 }).Calls);
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Under_auto_a_strict_tools_calls_have_its_form_and_others_any_object(ToolCallFormat calls, bool newer, bool thinks)
    {
        int called = 0;
        for (int seed = 0; seed < 50; seed++)
        {
            (List<(string Name, string Arguments)> read, string text) = Read(calls, newer, thinks, seed, Prompt(ToolChoice.Auto, strict: true));
            Assert.All(read, c => Assert.Equal(c.Name == "get_weather" ? Values[Weather] : "{\"any\": [1]}", c.Arguments));
            Assert.DoesNotContain("get_weather", text);
            called += read.Count > 0 ? 1 : 0;
        }

        Assert.InRange(called, 5, 49);
    }

    [Fact]
    public void Thoughts_come_before_the_form_unless_the_prompt_has_ended_them()
    {
        AnswerFormat format = new(new ReasoningFormat("<think>", "</think>"), ToolCallFormat.Hermes);
        OutputFormat wanted = new(new StructureLeaf(OutputStructure.Choice("yes", "no"), "x"), default);
        OutputStructure Of(string prompt) => new StructureBuilder(format, _ => null).Build(Prompt(ToolChoice.None), prompt, wanted)!.Root;
        Assert.Equal(StructureKind.Choice, Of("user\n<think>\n\n</think>\n\n").Kind);
        Assert.Equal(StructureKind.Until, Of("user\n<think>\n").Parts[0].Kind);
        OutputStructure optional = Of("user\n").Parts[0];
        Assert.Equal((StructureKind.Repeat, 0, 1), (optional.Kind, optional.Min, optional.Max));
    }

    [Fact]
    public void Special_tokens_are_marks_by_their_id()
    {
        AnswerFormat format = new(null, ToolCallFormat.Hermes);
        OutputStructure root = new StructureBuilder(format, text => text == "<tool_call>" ? 7 : null)
            .Build(Prompt(ToolChoice.Named("clock")), "", null)!.Root;
        Assert.Equal((StructureKind.Token, 7), (root.Parts[0].Kind, root.Parts[0].Token));
        Assert.Equal(StructureKind.Literal, root.Parts[^1].Kind);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void The_most_tools_that_are_taken_stay_within_a_structures_nodes(ToolCallFormat calls, bool newer, bool thinks)
    {
        AnswerFormat format = new(thinks ? new ReasoningFormat("<think>", "</think>") : null, calls) { HasNewerCalls = newer };
        ChatPrompt prompt = Prompt(ToolChoice.Required) with
        {
            Terms = [.. Enumerable.Range(0, StructureBuilder.MostTools).Select(i => new ToolTerms($"tool{i}", default, "t", "p", false))],
        };
        OutputStructure root = new StructureBuilder(format, _ => null).Build(prompt, "", null)!.Root;
        Assert.InRange(Count(root), 1, OutputStructure.MaxNodes);
    }

    private static int Count(OutputStructure node) => 1 + node.Parts.Sum(Count);

    private static (List<(string Name, string Arguments)> Calls, string Text) Read(
        ToolCallFormat calls, bool newer, bool thinks, int seed, ChatPrompt prompt)
    {
        AnswerFormat format = new(thinks ? new ReasoningFormat("<think>", "</think>") : null, calls) { HasNewerCalls = newer };
        AnswerStructure structure = new StructureBuilder(format, _ => null).Build(prompt, "a prompt", null)!;
        string answer = new FormWriter(new Random(seed), Values).Write(structure.Root);
        AnswerSplitter splitter = format.NewSplitter("a prompt", new ToolOffer(new HashSet<string> { "get_weather", "clock" }))!;
        var pieces = new AnswerPieces();
        splitter.Append(answer, pieces);
        splitter.Finish(pieces);
        List<(string Name, string Arguments)> read = [];
        string text = "";
        foreach (AnswerPiece piece in pieces.Items)
        {
            switch (piece.Kind)
            {
                case AnswerPieceKind.ToolName:
                    read.Add((piece.Text, ""));
                    break;
                case AnswerPieceKind.ToolArguments:
                    read[^1] = (read[^1].Name, read[^1].Arguments + piece.Text);
                    break;
                case AnswerPieceKind.Text:
                    text += piece.Text;
                    break;
            }
        }

        return (read, text);
    }

    private static ChatPrompt Prompt(ToolChoice choice, bool strict = false) => new()
    {
        Messages = [new ChatMessage("user", "Hi")],
        Choice = choice,
        Terms =
            [.. choice.Offers ? [Terms("get_weather", Weather, strict), Terms("clock", Clock, false)] : Array.Empty<ToolTerms>()],
    };

    private static ToolTerms Terms(string name, string schema, bool strict) =>
        new(name, JsonDocument.Parse(schema).RootElement, $"{name}.name", $"{name}.parameters", strict);
}
