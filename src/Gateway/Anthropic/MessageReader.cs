using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.Anthropic;

/// <summary>
/// Reads one of Anthropic's messages into the turns that chat templates know: results of tools become turns of their own.
/// </summary>
internal static class MessageReader
{
    private const int MaxBlocks = 4096;
    private const int MaxNameLength = 256;

    public static void Read(JsonElement value, string path, ImmutableArray<ChatMessage>.Builder turns)
    {
        JsonFields fields = JsonFields.Of(value, path);
        string role = JsonValues.Text(fields.Required("role"), fields.PathOf("role"), MaxNameLength);
        if (role is not ("user" or "assistant"))
        {
            throw ApiException.Invalid(
                fields.PathOf("role"),
                $"'{fields.PathOf("role")}' is '{role}'; it must be user or assistant. Use 'system' for a system text.");
        }

        JsonElement content = fields.Required("content");
        string at = fields.PathOf("content");
        if (content.ValueKind == JsonValueKind.String)
        {
            turns.Add(new ChatMessage(role, JsonValues.Text(content, at)));
        }
        else if (role == "user")
        {
            ReadUser(Blocks(content, at), at, turns);
        }
        else
        {
            turns.Add(ReadAssistant(Blocks(content, at), at));
        }
    }

    /// <summary>A text, or an array of text blocks joined by line feeds.</summary>
    public static string ReadText(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return JsonValues.Text(value, path);
        }

        var text = new StringBuilder();
        int index = 0;
        foreach (JsonElement block in Blocks(value, path).EnumerateArray())
        {
            string at = $"{path}[{index}]";
            JsonFields fields = JsonFields.Of(block, at);
            RequireText(TypeOf(fields), at);
            text.Append(index++ == 0 ? "" : "\n").Append(JsonValues.Text(fields.Required("text"), fields.PathOf("text")));
        }

        return text.ToString();
    }

    private static void ReadUser(JsonElement blocks, string path, ImmutableArray<ChatMessage>.Builder turns)
    {
        var text = new StringBuilder();
        int index = 0;
        foreach (JsonElement block in blocks.EnumerateArray())
        {
            string at = $"{path}[{index++}]";
            JsonFields fields = JsonFields.Of(block, at);
            string type = TypeOf(fields);
            if (type == "tool_result")
            {
                Flush(text, turns);
                string result = fields.TryGet("content", out JsonElement content) ? ReadText(content, fields.PathOf("content")) : "";
                bool failed = fields.Flag("is_error");
                turns.Add(new ChatMessage("tool", failed ? "Error: " + result : result)
                {
                    ToolCallId = JsonValues.Text(fields.Required("tool_use_id"), fields.PathOf("tool_use_id"), MaxNameLength),
                });
            }
            else
            {
                RequireText(type, at);
                text.Append(text.Length == 0 ? "" : "\n").Append(JsonValues.Text(fields.Required("text"), fields.PathOf("text")));
            }
        }

        Flush(text, turns);
    }

    private static ChatMessage ReadAssistant(JsonElement blocks, string path)
    {
        var text = new StringBuilder();
        var thoughts = new StringBuilder();
        var calls = new ToolCallsJson();
        int index = 0;
        foreach (JsonElement block in blocks.EnumerateArray())
        {
            string at = $"{path}[{index++}]";
            JsonFields fields = JsonFields.Of(block, at);
            string type = TypeOf(fields);
            switch (type)
            {
                case "thinking":
                    thoughts.Append(JsonValues.Text(fields.Required("thinking"), fields.PathOf("thinking")));
                    break;
                case "redacted_thinking":
                    break;
                case "tool_use":
                    JsonElement input = fields.Required("input");
                    JsonFields.Of(input, fields.PathOf("input"));
                    JsonValues.CheckTexts(input, fields.PathOf("input"));
                    calls.Add(
                        JsonValues.Text(fields.Required("id"), fields.PathOf("id"), MaxNameLength),
                        JsonValues.Text(fields.Required("name"), fields.PathOf("name"), MaxNameLength),
                        input.GetRawText());
                    break;
                default:
                    RequireText(type, at);
                    text.Append(JsonValues.Text(fields.Required("text"), fields.PathOf("text")));
                    break;
            }
        }

        return new ChatMessage("assistant", text.Length == 0 && calls.Count > 0 ? null : text.ToString())
        {
            Reasoning = thoughts.Length > 0 ? thoughts.ToString() : null,
            ToolCalls = calls.Build(),
        };
    }

    private static void Flush(StringBuilder text, ImmutableArray<ChatMessage>.Builder turns)
    {
        if (text.Length > 0)
        {
            turns.Add(new ChatMessage("user", text.ToString()));
            text.Clear();
        }
    }

    private static JsonElement Blocks(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw JsonValues.WrongType(value, path, "a string or an array of blocks");
        }

        return JsonValues.Array(value, path, MaxBlocks).GetArrayLength() > 0
            ? value
            : throw ApiException.Invalid(path, $"'{path}' is an empty array; it needs at least one block.");
    }

    private static string TypeOf(JsonFields block) => JsonValues.Text(block.Required("type"), block.PathOf("type"), MaxNameLength);

    private static void RequireText(string type, string path)
    {
        if (type is "image" or "document" or "search_result")
        {
            throw ApiException.Unsupported(path, $"'{path}' is of type '{type}', but only texts are supported.");
        }

        if (type != "text")
        {
            throw ApiException.Invalid(path + ".type", $"'{path}.type' is '{type}'; that is not a block this message may have.");
        }
    }
}
