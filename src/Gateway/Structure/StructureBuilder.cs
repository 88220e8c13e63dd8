using System.Collections.Immutable;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Text.Answers;
using XLLM.Text.ToolCalls;

namespace XLLM.Gateway.Structure;

/// <summary>Puts together the form of a chat's answers: thoughts, then calls, text of a form, or both as the request allows.</summary>
/// <param name="format">How the model writes thoughts and calls.</param>
/// <param name="specialToken">Id of a special token by its text; null when the text is none.</param>
internal sealed class StructureBuilder(AnswerFormat format, Func<string, int?> specialToken)
{
    /// <summary>Tools whose calls fit the nodes of a structure, in every form.</summary>
    public const int MostTools = 384;

    private const int NoLimit = -1;
    private const string AnyText = @"[\s\S]*";

    private readonly List<StructureLeaf> _leaves = [];

    /// <summary>The form; null = any.</summary>
    /// <param name="prompt">What is asked.</param>
    /// <param name="text">The prompt as rendered, which may end within thoughts or behind them.</param>
    /// <param name="wanted">The form of the text; null = any.</param>
    /// <exception cref="ApiException">The model's form of calls is not known, or a tool cannot be called in it.</exception>
    public AnswerStructure? Build(ChatPrompt prompt, string text, OutputFormat? wanted)
    {
        OutputStructure? body = BodyOf(prompt, wanted);
        ThinkingBudget? thinking = ThinkingOf(prompt, text);
        if (thinking is not null)
        {
            body ??= FreeText(prompt);
        }

        return body is null ? null : new AnswerStructure(AfterThoughts(prompt, text, body), [.. _leaves]) { Thinking = thinking };
    }

    private ThinkingBudget? ThinkingOf(ChatPrompt prompt, string text)
    {
        if (prompt.ThinkingBudget is not { } most)
        {
            return null;
        }

        if (format.Reasoning is not { } marks)
        {
            throw ApiException.Unsupported(
                prompt.ThinkingBudgetPath, $"'{prompt.ThinkingBudgetPath}' is not supported: the model's chat template knows no thoughts.");
        }

        OutputStructure until = OutputStructure.Until(OutputStructure.Mark(marks.Close, specialToken(marks.Close)));
        OutputStructure? thoughts = marks.IsOpenAtEnd(text) ? until
            : prompt.ContinueFinalMessage || marks.IsClosedAtEnd(text) ? null
            : OutputStructure.Sequence(OutputStructure.Blanks(8), OutputStructure.Mark(marks.Open, specialToken(marks.Open)), until);
        return thoughts is null ? null : new ThinkingBudget { MaxTokens = most, Thoughts = thoughts };
    }

    private OutputStructure FreeText(ChatPrompt prompt)
    {
        ImmutableArray<ToolTerms> callable = [.. prompt.Terms.Where(t => prompt.Choice.Allows(t.Name))];
        return callable.IsEmpty || format.ToolCalls == ToolCallFormat.None
            ? OutputStructure.Regex(AnyText)
            : Calls(callable, mustFit: false).InText(MostCalls(prompt));
    }

    private static int MostCalls(ChatPrompt prompt) =>
        prompt.Choice.IsSingle ? 1 : prompt.MaxToolCalls == int.MaxValue ? NoLimit : prompt.MaxToolCalls;

    private OutputStructure? BodyOf(ChatPrompt prompt, OutputFormat? wanted)
    {
        int most = MostCalls(prompt);
        ImmutableArray<ToolTerms> callable = [.. prompt.Terms.Where(t => prompt.Choice.Allows(t.Name))];
        if (prompt.Choice.IsRequired)
        {
            return Calls(callable, mustFit: true).List(most);
        }

        if (wanted is not null)
        {
            _leaves.Add(wanted.Leaf);
            return callable.IsEmpty || format.ToolCalls == ToolCallFormat.None
                ? wanted.Node
                : OutputStructure.OneOf(Calls(callable, mustFit: false).List(most), wanted.Node);
        }

        if (callable.FirstOrDefault(t => t.IsStrict) is not { } strict)
        {
            return null;
        }

        return format.ToolCalls != ToolCallFormat.None ? Calls(callable, mustFit: false).InText(most) : throw ApiException.Unsupported(
            strict.Path,
            "Strict tools cannot be kept: how this model writes tool calls is not known. Use 'tool_choice': \"required\", or leave "
            + "'strict' out.");
    }

    private CallStructures Calls(ImmutableArray<ToolTerms> tools, bool mustFit)
    {
        if (tools.Length > MostTools)
        {
            throw ApiException.Invalid(
                "tools", $"{tools.Length} tools can be called; at most {MostTools} are allowed where their calls have a form to keep.");
        }

        var schemas = ImmutableArray.CreateBuilder<(string, OutputStructure)>(tools.Length);
        foreach (ToolTerms tool in tools)
        {
            bool fits = mustFit || tool.IsStrict;
            OutputStructure arguments = fits ? ToolArguments.Of(tool) : OutputStructure.JsonObject();
            ToolArguments.CheckName(tool);
            if (fits)
            {
                _leaves.Add(new StructureLeaf(arguments, tool.ParametersPath));
            }

            schemas.Add((tool.Name, arguments));
        }

        return new CallStructures(format, schemas.MoveToImmutable(), text => OutputStructure.Mark(text, specialToken(text)));
    }

    private OutputStructure AfterThoughts(ChatPrompt prompt, string text, OutputStructure body)
    {
        if (format.Reasoning is not { } marks)
        {
            return body;
        }

        OutputStructure close = OutputStructure.Mark(marks.Close, specialToken(marks.Close));
        if (marks.IsOpenAtEnd(text))
        {
            return OutputStructure.AfterThoughts(null, close, body);
        }

        // The prompt has ended the thoughts, or the answer has begun.
        return prompt.ContinueFinalMessage || marks.IsClosedAtEnd(text)
            ? body
            : OutputStructure.AfterThoughts(OutputStructure.Mark(marks.Open, specialToken(marks.Open)), close, body);
    }
}
