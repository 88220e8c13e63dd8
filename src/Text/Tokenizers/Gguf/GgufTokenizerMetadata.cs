using XLLM.Formats.Gguf;
using XLLM.Text.Tokenizers.Models;

namespace XLLM.Text.Tokenizers.Gguf;

/// <summary>
/// The tokenizer part of a GGUF file's metadata (ggml docs/gguf.md, "Tokenizer"), checked for lengths and ranges.
/// </summary>
internal sealed record GgufTokenizerMetadata
{
    private const string Prefix = "tokenizer.ggml.";

    public required string Model { get; init; }

    public string Pre { get; init; } = "default";

    public string ModelName { get; init; } = "";

    public required IReadOnlyList<string> Tokens { get; init; }

    /// <summary>Empty, or one a token.</summary>
    public IReadOnlyList<float> Scores { get; init; } = [];

    /// <summary>Empty, or one a token.</summary>
    public IReadOnlyList<GgufTokenType> Types { get; init; } = [];

    public IReadOnlyList<string> Merges { get; init; } = [];

    /// <summary>Special tokens by role ("bos", "eos", "eot", "eom", "unk", "sep", "pad", "mask"), those in range.</summary>
    public IReadOnlyDictionary<string, int> SpecialIds { get; init; } = new Dictionary<string, int>();

    /// <summary>Tokens that end a generation.</summary>
    public IReadOnlyList<int> EndTokenIds { get; init; } = [];

    public bool? AddBos { get; init; }

    public bool? AddEos { get; init; }

    public bool? AddSpacePrefix { get; init; }

    public bool RemoveExtraWhitespaces { get; init; }

    /// <summary>SentencePiece's compiled normalization rules; empty for none.</summary>
    public IReadOnlyList<byte> CharsMap { get; init; } = [];

    /// <summary>Chat templates by name.</summary>
    public IReadOnlyDictionary<string, string> ChatTemplates { get; init; } = new Dictionary<string, string>();

    public GgufTokenType TypeOf(int id) => Types.Count == 0 ? GgufTokenType.Normal : Types[id];

    public float ScoreOf(int id) => Scores.Count == 0 ? 0 : Scores[id];

    /// <exception cref="TokenizerFormatException">Something needed is missing, or lengths do not fit.</exception>
    /// <exception cref="XLLM.Formats.ModelFormatException">A value is of the wrong type.</exception>
    public static GgufTokenizerMetadata Read(GgufFile file)
    {
        GgufValue tokens = file.Require(Prefix + "tokens");
        if (tokens.Count > Vocabulary.MaxSize)
        {
            throw new TokenizerFormatException($"{file.Path} has {tokens.Count} tokens; at most {Vocabulary.MaxSize} are taken.");
        }

        int count = tokens.Count;
        return new GgufTokenizerMetadata
        {
            Model = file.Require(Prefix + "model").AsString(),
            Pre = file.FindString(Prefix + "pre") ?? "default",
            ModelName = file.FindString("general.name") ?? "",
            Tokens = tokens.AsStrings(),
            Scores = OneEach(file, "scores", file.Find(Prefix + "scores")?.AsFloats() ?? [], count),
            Types = OneEach(file, "token_type", file.Find(Prefix + "token_type")?.AsInt32s() ?? [], count)
                .Select(t => (GgufTokenType)t).ToArray(),
            Merges = file.Find(Prefix + "merges")?.AsStrings() ?? [],
            SpecialIds = ReadSpecialIds(file, count),
            EndTokenIds = GgufEndTokens.Find(file),
            AddBos = file.FindBool(Prefix + "add_bos_token"),
            AddEos = file.FindBool(Prefix + "add_eos_token"),
            AddSpacePrefix = file.FindBool(Prefix + "add_space_prefix"),
            RemoveExtraWhitespaces = file.FindBool(Prefix + "remove_extra_whitespaces") ?? false,
            CharsMap = [.. (file.Find(Prefix + "precompiled_charsmap")?.AsInt32s() ?? []).Select(b => unchecked((byte)b))],
            ChatTemplates = ReadTemplates(file),
        };
    }

    private static IReadOnlyList<T> OneEach<T>(GgufFile file, string name, T[] values, int tokens) =>
        values.Length == 0 || values.Length == tokens
            ? values
            : throw new TokenizerFormatException($"{file.Path} has {values.Length} {Prefix}{name} for {tokens} tokens.");

    /// <summary>Ids by role. Ids out of range are left out: published files have such (llama.cpp ignores them too).</summary>
    private static Dictionary<string, int> ReadSpecialIds(GgufFile file, int tokens)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach ((string role, string key) in new[]
        {
            ("bos", "bos"), ("eos", "eos"), ("eot", "eot"), ("eom", "eom"), ("unk", "unknown"), ("sep", "seperator"),
            ("pad", "padding"),
            ("mask", "mask"), ("cls", "cls"),
        })
        {
            if (file.FindInt64($"{Prefix}{key}_token_id") is { } id && id >= 0 && id < tokens)
            {
                ids[role] = (int)id;
            }
        }

        return ids;
    }

    private static Dictionary<string, string> ReadTemplates(GgufFile file)
    {
        var templates = new Dictionary<string, string>(StringComparer.Ordinal);
        const string Key = "tokenizer.chat_template";
        if (file.FindString(Key) is { } template)
        {
            templates["default"] = template;
        }

        foreach (string key in file.Metadata.Keys.Where(k => k.StartsWith(Key + ".", StringComparison.Ordinal)))
        {
            if (file.Metadata[key].Type == GgufValueType.String)
            {
                templates[key[(Key.Length + 1)..]] = file.Metadata[key].AsString();
            }
        }

        return templates;
    }
}
