using XLLM.Text.Tokenizers.PostProcessors;

namespace XLLM.Text.Tokenizers.HuggingFace;

/// <summary>Reads the <c>post_processor</c> of tokenizer.json, as far as one text (not a pair) is concerned.</summary>
internal static class PostProcessorReader
{
    private const int MaxTemplateItems = 64;

    public static PostProcessor Read(JsonField node)
    {
        var templates = new List<IReadOnlyList<int[]?>>();
        Collect(node, templates);
        return templates.Count == 0 ? PostProcessor.None : new PostProcessor(templates);
    }

    private static void Collect(JsonField node, List<IReadOnlyList<int[]?>> templates)
    {
        if (node.IsNull)
        {
            return;
        }

        switch (node.Type)
        {
            case "ByteLevel":
                break;
            case "Sequence":
                foreach (JsonField item in node.Field("processors").Items())
                {
                    Collect(item, templates);
                }

                break;
            case "TemplateProcessing":
                templates.Add(ReadTemplate(node));
                break;
            case "BertProcessing" or "RobertaProcessing":
                templates.Add([[ReadPair(node.Field("cls"))], null, [ReadPair(node.Field("sep"))]]);
                break;
            default:
                throw node.Error($"post-processor \"{node.Type}\" is not supported.");
        }

        if (templates.Count > MaxTemplateItems)
        {
            throw node.Error($"more than {MaxTemplateItems} post-processors.");
        }
    }

    private static int ReadPair(JsonField node)
    {
        JsonField[] pair = [.. node.Items().Take(3)];
        return pair.Length == 2 ? pair[1].AsInt() : throw node.Error("a token and its id are needed.");
    }

    private static List<int[]?> ReadTemplate(JsonField node)
    {
        var ids = new Dictionary<string, int[]>(StringComparer.Ordinal);
        foreach ((string name, JsonField token) in node.Field("special_tokens").Fields())
        {
            ids[name] = [.. token.Field("ids").Items().Select(i => i.AsInt())];
        }

        var template = new List<int[]?>();
        int texts = 0;
        foreach (JsonField item in node.Field("single").Items())
        {
            if (item.Has("Sequence"))
            {
                texts++;
                template.Add(null);
                continue;
            }

            string name = item.Field("SpecialToken").Field("id").AsString();
            template.Add(ids.TryGetValue(name, out int[]? tokens) ? tokens
                : throw item.Error($"special token \"{name}\" has no ids."));
        }

        // A template repeated over several processors would multiply the text; published ones have it once.
        return texts <= 1 && template.Count <= MaxTemplateItems
            ? template
            : throw node.Error($"a template for one text has it at most once, and at most {MaxTemplateItems} items.");
    }
}
