namespace XLLM.Text.Tokenizers;

/// <summary>
/// What a tokenizer carries beside its vocabulary: tokenizer_config.json and its neighbours, or a GGUF file's metadata.
/// </summary>
public sealed record TokenizerConfig
{
    /// <summary>The configuration of a tokenizer that came without one.</summary>
    public static TokenizerConfig Empty { get; } = new();

    /// <summary>
    /// Contents of special tokens by role: bos_token, eos_token, unk_token, pad_token, ... Templates see them under these
    /// names.
    /// </summary>
    public IReadOnlyDictionary<string, string> SpecialTokens { get; init; } = new Dictionary<string, string>();

    /// <summary>Chat templates by name; the ordinary one is "default".</summary>
    public IReadOnlyDictionary<string, string> ChatTemplates { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Ids that end a generation: the end token, and the others that generation_config.json or a GGUF file names.
    /// </summary>
    public IReadOnlyList<int> EndTokenIds { get; init; } = [];

    /// <summary>Longest sequence the tokenizer's maker states, in tokens; null when not stated or without bound.</summary>
    public int? ModelMaxLength { get; init; }

    /// <summary>The chat template named "default", or the only one; null when there is none.</summary>
    public string? ChatTemplate =>
        ChatTemplates.TryGetValue("default", out string? template) ? template
        : ChatTemplates.Count == 1 ? ChatTemplates.Values.First()
        : null;

    /// <summary>The token that begins a text, or null.</summary>
    public string? BosToken => SpecialTokens.GetValueOrDefault("bos_token");

    /// <summary>The token that ends a text, or null.</summary>
    public string? EosToken => SpecialTokens.GetValueOrDefault("eos_token");
}
