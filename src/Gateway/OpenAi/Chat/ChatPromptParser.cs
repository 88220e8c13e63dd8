using System.Collections.Immutable;
using System.Text.Json;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Json;
using XLLM.Gateway.Structure;

namespace XLLM.Gateway.OpenAi.Chat;

/// <summary>Reads what goes into a chat template: messages, tools and switches. Also used by /tokenize.</summary>
internal static class ChatPromptParser
{
    private const int MaxTools = 1024;
    private const int MaxEffortLength = 32;

    public static ChatPrompt Parse(JsonFields body, int maxMessages)
    {
        JsonElement messages = JsonValues.Array(body.Required("messages"), "messages", maxMessages);
        if (messages.GetArrayLength() == 0)
        {
            throw ApiException.Invalid("messages", "'messages' is empty; at least one message is needed.");
        }

        ImmutableArray<ChatMessage> parsed =
            [.. messages.EnumerateArray().Select((item, i) => ChatMessageParser.Parse(item, $"messages[{i}]"))];
        bool continueFinal = body.Flag("continue_final_message");
        bool generationPrompt = body.Flag("add_generation_prompt", absent: !continueFinal);
        CheckContinuation(continueFinal, generationPrompt, parsed[^1]);
        ToolChoice choice = ToolChoiceParser.Read(body, nested: true);
        (JsonElement tools, ImmutableArray<ToolTerms> terms) = ReadTools(body, choice);
        return new ChatPrompt
        {
            Messages = parsed,
            Tools = tools,
            Terms = terms,
            Choice = choice,
            AddGenerationPrompt = generationPrompt,
            ContinueFinalMessage = continueFinal,
            AddSpecialTokens = body.Flag("add_special_tokens"),
            TemplateArguments = ReadArguments(body),
            ReasoningEffort = body.Text("reasoning_effort", MaxEffortLength),
            ThinkingBudget = body.Int32("thinking_token_budget", 0, GenerationParser.AnyTokenCount),
            MaxToolCalls = body.Flag("parallel_tool_calls", absent: true) ? int.MaxValue : 1,
        };
    }

    private static void CheckContinuation(bool continueFinal, bool generationPrompt, ChatMessage last)
    {
        if (continueFinal && generationPrompt)
        {
            throw ApiException.Invalid(
                "continue_final_message", "'continue_final_message' and 'add_generation_prompt' must not both be true.");
        }

        if (continueFinal && string.IsNullOrWhiteSpace(last.Content))
        {
            throw ApiException.Invalid(
                "continue_final_message", "'continue_final_message' needs a last message with a text to continue.");
        }
    }

    private static JsonElement ReadArguments(JsonFields body)
    {
        if (!body.TryGet("chat_template_kwargs", out JsonElement arguments))
        {
            return default;
        }

        JsonFields.Of(arguments, "chat_template_kwargs");
        JsonValues.CheckTexts(arguments, "chat_template_kwargs");
        return arguments;
    }

    private static (JsonElement Tools, ImmutableArray<ToolTerms> Terms) ReadTools(JsonFields body, ToolChoice choice)
    {
        ImmutableArray<ToolTerms> terms = [];
        if (body.TryGet("tools", out JsonElement tools))
        {
            JsonValues.Array(tools, "tools", MaxTools);
            JsonValues.CheckTexts(tools, "tools");
            terms = [.. tools.EnumerateArray().Select((tool, i) => ReadTool(tool, $"tools[{i}]"))];
        }

        ToolChoiceParser.Check(choice, terms);
        return choice.Offers && !terms.IsEmpty ? (tools, terms) : (default, []);
    }

    private static ToolTerms ReadTool(JsonElement tool, string path)
    {
        JsonFields fields = JsonFields.Of(tool, path);
        string type = JsonValues.Text(fields.Required("type"), fields.PathOf("type"), 64);
        if (type != "function")
        {
            throw ApiException.Unsupported(fields.PathOf("type"), $"'{fields.PathOf("type")}' is '{type}'; only 'function' is supported.");
        }

        JsonFields function = JsonFields.Of(fields.Required("function"), fields.PathOf("function"));
        string name = JsonValues.Text(function.Required("name"), function.PathOf("name"), 256);
        if (name.Length == 0)
        {
            throw ApiException.Invalid(function.PathOf("name"), $"'{function.PathOf("name")}' is empty.");
        }

        _ = function.Text("description", int.MaxValue);
        function.Object("parameters");
        function.TryGet("parameters", out JsonElement parameters);
        return new ToolTerms(
            name, parameters, function.PathOf("name"), function.PathOf("parameters"), function.Flag("strict"));
    }
}
