using System.Text.Json;

namespace XLLM.Text.Tokenizers.HuggingFace;

/// <summary>
/// Reads what stands beside tokenizer.json: tokenizer_config.json, special_tokens_map.json, chat templates,
/// generation_config.json.
/// </summary>
internal static class TokenizerConfigReader
{
    private const long MaxTemplateBytes = 4 << 20;
    private const int MaxNames = 4096;

    /// <summary>
    /// Reads the configuration of a folder; <see cref="TokenizerConfig.EndTokenIds"/> only as far as generation_config.json
    /// states them.
    /// </summary>
    /// <exception cref="TokenizerFormatException">A file is malformed.</exception>
    public static TokenizerConfig Read(string folder)
    {
        var special = new Dictionary<string, string>(StringComparer.Ordinal);
        var templates = new Dictionary<string, string>(StringComparer.Ordinal);
        int? length = null;
        ForFile(Path.Combine(folder, "special_tokens_map.json"), node => ReadSpecial(node, special));
        ForFile(Path.Combine(folder, "tokenizer_config.json"), node =>
        {
            ReadSpecial(node, special);
            ReadTemplates(node.Field("chat_template"), templates);
            length = ReadLength(node.Field("model_max_length"));
        });
        ReadTemplateFiles(folder, templates);
        var ends = new List<int>();
        ForFile(Path.Combine(folder, "generation_config.json"), node => ReadEnds(node.Field("eos_token_id"), ends));
        return new TokenizerConfig { SpecialTokens = special, ChatTemplates = templates, ModelMaxLength = length,
            EndTokenIds = ends };
    }

    private static void ForFile(string path, Action<JsonField> read)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using JsonDocument document = JsonFile.Open(path);
        read(new JsonField(document.RootElement, path));
    }

    private static void ReadSpecial(JsonField node, Dictionary<string, string> special)
    {
        foreach ((string name, JsonField value) in node.Fields())
        {
            if (!name.EndsWith("_token", StringComparison.Ordinal) || special.Count > MaxNames)
            {
                continue;
            }

            if (value.Value.ValueKind == JsonValueKind.String)
            {
                special[name] = value.AsString();
            }
            else if (value.Value.ValueKind == JsonValueKind.Object && value.Has("content"))
            {
                special[name] = value.Field("content").AsString();
            }
        }
    }

    private static void ReadTemplates(JsonField node, Dictionary<string, string> templates)
    {
        switch (node.Value.ValueKind)
        {
            case JsonValueKind.Undefined or JsonValueKind.Null:
                break;
            case JsonValueKind.String:
                templates["default"] = node.AsString();
                break;
            default:
                foreach (JsonField item in node.Items().Take(MaxNames))
                {
                    templates[item.Field("name").AsString()] = item.Field("template").AsString();
                }

                break;
        }
    }

    /// <summary>Templates in files of their own win over those in tokenizer_config.json.</summary>
    private static void ReadTemplateFiles(string folder, Dictionary<string, string> templates)
    {
        string single = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(single))
        {
            templates["default"] = ReadTemplateFile(single);
        }

        string more = Path.Combine(folder, "additional_chat_templates");
        if (Directory.Exists(more))
        {
            foreach (string path in Directory.EnumerateFiles(more, "*.jinja").Take(MaxNames))
            {
                templates[Path.GetFileNameWithoutExtension(path)] = ReadTemplateFile(path);
            }
        }

        ForFile(Path.Combine(folder, "chat_template.json"), node =>
        {
            if (!templates.ContainsKey("default"))
            {
                ReadTemplates(node.Field("chat_template"), templates);
            }
        });
    }

    private static string ReadTemplateFile(string path)
    {
        long size = new FileInfo(path).Length;
        return size <= MaxTemplateBytes
            ? File.ReadAllText(path)
            : throw new TokenizerFormatException($"{path} has {size} bytes; at most {MaxTemplateBytes} are taken.");
    }

    /// <summary>Makers write "no limit" as a huge number.</summary>
    private static int? ReadLength(JsonField node) =>
        node.Value.ValueKind == JsonValueKind.Number && node.Value.TryGetInt32(out int length) && length > 0 ? length : null;

    private static void ReadEnds(JsonField node, List<int> ends)
    {
        switch (node.Value.ValueKind)
        {
            case JsonValueKind.Undefined or JsonValueKind.Null:
                break;
            case JsonValueKind.Array:
                ends.AddRange(node.Items().Take(MaxNames).Select(i => i.AsInt()));
                break;
            default:
                ends.Add(node.AsInt());
                break;
        }
    }
}
