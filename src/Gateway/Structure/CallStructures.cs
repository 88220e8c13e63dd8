using System.Collections.Immutable;
using XLLM.Contracts.Requests;
using XLLM.Text.Answers;
using XLLM.Text.ToolCalls;
using static XLLM.Contracts.Requests.OutputStructure;

namespace XLLM.Gateway.Structure;

/// <summary>The calls of tools in each form that <see cref="ToolCallFormat"/> knows: what the parsers of src/Text read, to be written.</summary>
/// <param name="format">The model's form.</param>
/// <param name="tools">Tools that may be called, each with the form of its arguments.</param>
/// <param name="mark">A mark of the model.</param>
internal sealed class CallStructures(
    AnswerFormat format, ImmutableArray<(string Name, OutputStructure Arguments)> tools, Func<string, OutputStructure> mark)
{
    private const string CallId = "[a-zA-Z0-9]{9}";

    /// <summary>An answer of nothing but calls, at least one and at most so many; -1 = without limit.</summary>
    public OutputStructure List(int most) => format.ToolCalls switch
    {
        ToolCallFormat.Hermes => Separated(Hermes(), "\n", most),
        ToolCallFormat.Llama3 => Sequence(Repeat(mark(ToolCallMarks.PythonTag), 0, 1), Separated(InObject("parameters"), "; ", most)),
        ToolCallFormat.Mistral when format.HasNewerCalls => Repeat(MistralHead(), 1, most),
        ToolCallFormat.Mistral => MistralArray(most),
        ToolCallFormat.DeepSeek => DeepSeek(most),
        _ => throw new InvalidOperationException($"{format.ToolCalls} has no calls."),
    };

    /// <summary>Free text in which every call has its form.</summary>
    public OutputStructure InText(int most) => format.ToolCalls switch
    {
        ToolCallFormat.Hermes => Triggered([Hermes()], 0, most),
        // An answer that begins as an object is a call here, as for the parser.
        ToolCallFormat.Llama3 => OneOf(List(most), Regex(@"\s*([^{\s][\s\S]*)?")),
        ToolCallFormat.Mistral when format.HasNewerCalls => Triggered([MistralHead()], 0, most),
        ToolCallFormat.Mistral => Triggered([MistralArray(most)], 0, 1),
        ToolCallFormat.DeepSeek => Triggered([DeepSeek(most)], 0, 1),
        _ => throw new InvalidOperationException($"{format.ToolCalls} has no calls."),
    };

    private OutputStructure Hermes() => Sequence(
        mark(ToolCallMarks.HermesOpen), Literal("\n"), InObject("arguments"), Literal("\n"), mark(ToolCallMarks.HermesClose));

    private OutputStructure MistralArray(int most) => Sequence(
        mark(ToolCallMarks.Mistral), Literal("["), Separated(InObject("arguments"), ", ", most), Literal("]"));

    private OutputStructure MistralHead() => Sequence(
        mark(ToolCallMarks.Mistral),
        OneOf(tools.Select(t => Sequence(
            Literal(t.Name),
            Repeat(Sequence(mark(ToolCallMarks.MistralCallId), Regex(CallId)), 0, 1),
            mark(ToolCallMarks.MistralArguments),
            t.Arguments))));

    private OutputStructure DeepSeek(int most) => Sequence(
        mark(ToolCallMarks.DeepSeekCallsBegin),
        Separated(format.HasNewerCalls ? DeepSeekBare() : DeepSeekFenced(), "\n", most),
        mark(ToolCallMarks.DeepSeekCallsEnd));

    private OutputStructure DeepSeekBare() => Sequence(
        mark(ToolCallMarks.DeepSeekCallBegin),
        OneOf(tools.Select(t => Sequence(Literal(t.Name), mark(ToolCallMarks.DeepSeekSeparator), t.Arguments))),
        mark(ToolCallMarks.DeepSeekCallEnd));

    private OutputStructure DeepSeekFenced() => Sequence(
        mark(ToolCallMarks.DeepSeekCallBegin),
        Literal("function"),
        mark(ToolCallMarks.DeepSeekSeparator),
        OneOf(tools.Select(t => Sequence(Literal(t.Name + "\n```json\n"), t.Arguments))),
        Literal("\n```"),
        mark(ToolCallMarks.DeepSeekCallEnd));

    private OutputStructure InObject(string arguments) => OneOf(tools.Select(t => Sequence(
        Literal($"{{\"name\": \"{t.Name}\", \"{arguments}\": "), t.Arguments, Literal("}"))));

    private static OutputStructure Separated(OutputStructure item, string separator, int most) => most == 1
        ? item
        : Sequence(item, Repeat(Sequence(Literal(separator), item), 0, most < 0 ? most : most - 1));
}
