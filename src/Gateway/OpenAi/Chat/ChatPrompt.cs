using System.Collections.Immutable;
using System.Text.Json;
using XLLM.Gateway.Structure;

namespace XLLM.Gateway.OpenAi.Chat;

/// <summary>What a chat template is rendered from.</summary>
internal sealed record ChatPrompt
{
    /// <summary>At least one.</summary>
    public required ImmutableArray<ChatMessage> Messages { get; init; }

    /// <summary>Array of tool definitions; undefined when there are none.</summary>
    public JsonElement Tools { get; init; }

    /// <summary>The same tools, as far as the form of their calls goes.</summary>
    public ImmutableArray<ToolTerms> Terms { get; init; } = [];

    /// <summary>Which of them may or must be called.</summary>
    public ToolChoice Choice { get; init; } = ToolChoice.Auto;

    /// <summary>End with the opening of an assistant's turn.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>Leave the last message's turn open, so that it is continued. Excludes the generation prompt.</summary>
    public bool ContinueFinalMessage { get; init; }

    /// <summary>Let the tokenizer add its own special tokens (a BOS the template already wrote is not doubled).</summary>
    public bool AddSpecialTokens { get; init; }

    /// <summary>Object with further variables of the template, e.g. <c>enable_thinking</c>; undefined when there are none.</summary>
    public JsonElement TemplateArguments { get; init; }

    /// <summary><c>reasoning_effort</c>, a variable of some templates.</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary>Where the request says it.</summary>
    public string ReasoningEffortPath { get; init; } = "reasoning_effort";

    /// <summary>Most tokens of thoughts; null = not bounded.</summary>
    public int? ThinkingBudget { get; init; }

    /// <summary>Where the request says it.</summary>
    public string ThinkingBudgetPath { get; init; } = "thinking_token_budget";

    /// <summary>Most tool calls of an answer, at least 1.</summary>
    public int MaxToolCalls { get; init; } = int.MaxValue;
}
