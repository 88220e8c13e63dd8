namespace XLLM.Cli.Hub;

/// <summary>Which files of a repository a model needs.</summary>
public static class HubSelection
{
    private static readonly string[] SmallFiles =
    [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
        "chat_template.jinja", "chat_template.json", "preprocessor_config.json", "model.safetensors.index.json",
    ];

    /// <summary>
    /// One GGUF file when the reference selects one or the repository has nothing else, else the safetensors folder. Throws
    /// <see cref="HubException"/> when neither is possible, with what there is to choose from.
    /// </summary>
    public static IReadOnlyList<HubFile> Choose(HubReference reference, HubIndex index)
    {
        List<HubFile> ggufs = [.. index.Files.Where(f => f.Name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))];
        List<HubFile> weights = [.. index.Files.Where(f =>
            f.Name.StartsWith("model", StringComparison.Ordinal) && !f.Name.Contains('/')
            && f.Name.EndsWith(".safetensors", StringComparison.Ordinal))];

        if (reference.Selector is not null)
        {
            List<HubFile> chosen = [.. ggufs.Where(f =>
                f.Name.Contains(reference.Selector, StringComparison.OrdinalIgnoreCase))];
            return chosen.Count switch
            {
                1 => chosen,
                0 => throw new HubException($"No GGUF file of {reference.Repository} has '{reference.Selector}' in its name. {Offer(ggufs)}"),
                _ => throw new HubException($"'{reference.Selector}' fits {chosen.Count} files of {reference.Repository}. {Offer(chosen)}"),
            };
        }

        if (weights.Count > 0 && index.Files.Any(f => f.Name == "config.json"))
        {
            return [.. index.Files.Where(f => SmallFiles.Contains(f.Name)), .. weights];
        }

        return ggufs.Count switch
        {
            1 => ggufs,
            0 => throw new HubException(
                $"{reference.Repository} has neither config.json with *.safetensors nor a *.gguf file; other formats are not read."),
            _ => throw new HubException(
                $"{reference.Repository} has {ggufs.Count} GGUF files; choose one, e.g. {reference.Repository}:Q4_K_M. {Offer(ggufs)}"),
        };
    }

    private static string Offer(IReadOnlyList<HubFile> files) =>
        files.Count == 0 ? "It has no GGUF files." : "There are: " + string.Join(", ", files.Take(30).Select(f => f.Name)) + ".";
}
