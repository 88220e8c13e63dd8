using XLLM.Text.Tokenizers.PreTokenizers;

namespace XLLM.Text.Tokenizers.Gguf;

/// <summary>
/// The names of <c>tokenizer.ggml.pre</c> and the splitting patterns that their models' makers publish in tokenizer.json.
/// </summary>
internal static class PreTokenizerPresets
{
    private const string Contractions = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private const string Rest = @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string RestWithSlash = @"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Gpt2 = ByteLevelPreTokenizer.Gpt2Pattern;
    private const string Llama3 = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + Rest;
    private const string Qwen2 = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + Rest;
    private const string Qwen35 = Contractions + @"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}"
        + @"| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]";
    private const string Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";
    private const string Tekken = @"[^\r\n\p{L}\p{N}]?" + Upper + "*" + Lower + @"+|[^\r\n\p{L}\p{N}]?" + Upper + "+" + Lower
        + @"*|\p{N}"
        + RestWithSlash;

    private const string Gpt4o = @"[^\r\n\p{L}\p{N}]?" + Upper + "*" + Lower + "+" + Contractions
        + @"?|[^\r\n\p{L}\p{N}]?" + Upper + "+" + Lower + "*" + Contractions + @"?|\p{N}{1,3}" + RestWithSlash;

    private const string NoHan = @"&&[^\p{Han}]]";
    private const string KimiUpper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}" + NoHan;
    private const string KimiLower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}" + NoHan;
    private const string KimiK2 = @"[\p{Han}]+|[^\r\n\p{L}\p{N}]?" + KimiUpper + "*" + KimiLower + "+" + Contractions
        + @"?|[^\r\n\p{L}\p{N}]?" + KimiUpper + "+" + KimiLower + "*" + Contractions + @"?|\p{N}{1,3}" + Rest;

    private const string DeepSeekText = @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
        + @"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The letters with case of Unicode 11, as DeepSeek LLM's tokenizer.json spells them out.</summary>
    private const string CasedLetters = @"[A-Za-z\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293\u0295-\u02AF"
        + @"\u0370-\u0373\u0376\u0377\u037B-\u037D\u037F\u0386\u0388-\u038A\u038C\u038E-\u03A1\u03A3-\u03F5\u03F7-\u0481\u048A-\u052F"
        + @"\u0531-\u0556\u10A0-\u10C5\u13A0-\u13F5\u13F8-\u13FD\u1C90-\u1CBA\u1CBD-\u1CBF\u1D00-\u1D2B\u1D6B-\u1D77\u1D79-\u1D9A"
        + @"\u1E00-\u1F15\u1F18-\u1F1D\u1F20-\u1F45\u1F48-\u1F4D\u1F50-\u1F57\u1F59\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80-\u1FB4"
        + @"\u1FB6-\u1FBC\u1FBE\u1FC2-\u1FC4\u1FC6-\u1FCC\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4\u1FF6-\u1FFC"
        + @"\u2102\u2107\u210A-\u2113\u2115\u2119-\u211D\u2124\u2126\u2128\u212A-\u212D\u212F-\u2134\u2139\u213C-\u213F\u2145-\u2149"
        + @"\u214E\u2183\u2184\u2C00-\u2C7B\u2C7E-\u2CE4\u2CEB-\u2CEE\u2CF2\u2CF3\uA640-\uA66D\uA680-\uA69B\uA722-\uA76F"
        + @"\uA771-\uA787\uA78B-\uA78E\uAB70-\uABBF\uFB00-\uFB06\uFB13-\uFB17\uFF21-\uFF3A\uFF41-\uFF5A"
        + @"\x{10400}-\x{1044F}\x{104B0}-\x{104D3}\x{104D8}-\x{104FB}\x{10C80}-\x{10CB2}\x{10CC0}-\x{10CF2}\x{118A0}-\x{118DF}"
        + @"\x{1E900}-\x{1E943}]";

    private const string Asian = @"[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+";
    private const string NoPunctuation = @" ?[^(\s|.,!?\u2026\u3002\uFF0C\u3001\u0964\u06D4\u060C)]+";

    private static readonly Dictionary<string, PreTokenizerPreset> Presets = Build();

    /// <summary>All names, in order.</summary>
    public static IEnumerable<string> Names => Presets.Keys.Order(StringComparer.Ordinal);

    /// <exception cref="TokenizerFormatException">The name is not known.</exception>
    public static PreTokenizerPreset Get(string name) => Presets.TryGetValue(name, out PreTokenizerPreset? preset)
        ? preset
        : throw new TokenizerFormatException(
            $"tokenizer.ggml.pre is \"{name}\", which is not known; known are {string.Join(", ", Names)}.");

    private static Dictionary<string, PreTokenizerPreset> Build()
    {
        var presets = new Dictionary<string, PreTokenizerPreset>(StringComparer.Ordinal);
        void Add(PreTokenizerPreset preset, params string[] names)
        {
            foreach (string name in names)
            {
                presets.Add(name, preset);
            }
        }

        Add(new([@"[\p{P}\$\+<=>\^~\|]+", Gpt2, @"\p{N}+", "[0-9][0-9][0-9]"]), "default");
        Add(new([Llama3], IgnoreMerges: true, AddBos: true),
            "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2");
        Add(new([Llama3]), "dbrx", "smaug-bpe", "glm4", "chatglm-bpe");
        Add(new([Qwen2]), "qwen2", "deepseek-r1-qwen", "kormo", "megrez", "stablelm2", "hunyuan", "grok-2", "solar-open");
        Add(new([Qwen35]), "qwen35");
        Add(new(["[\r\n]", @"\s?" + CasedLetters + "+",
            @"\s?[!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002]+", @"\s+$", Asian, @"\p{N}+"]),
            "deepseek-llm");
        Add(new(["[\r\n]", @"\s?\p{L}+", @"\s?\p{P}+", Asian, @"\p{N}"]), "deepseek-coder");
        Add(new([@"\p{N}{1,3}", @"[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+", DeepSeekText]), "deepseek-v3", "hunyuan-dense",
            "joyai-llm");
        Add(new([Gpt2]), "gpt-2", "gpt2", "phi-2", "mpt", "olmo", "jais", "gigachat", "exaone4", "trillion", "granite-docling",
            "mellum",
            "a.x-4.0");
        Add(new([@"\p{N}", Gpt2]), "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2");
        Add(new([@"[\p{P}\$\+<=>\^~\|`]+", Gpt2, "[0-9][0-9][0-9]"]), "falcon");
        Add(new([Tekken], IgnoreMerges: true, AddBos: true), "tekken");
        Add(new([Gpt4o]), "gpt-4o", "llama4", "kanana2", "minimax-m2");
        Add(new([KimiK2]), "kimi-k2");
        Add(new([Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+"]),
            "seed-coder");
        Add(new([@"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"]),
            "bailingmoe", "bailingmoe2", "llada-moe");
        Add(new([NoPunctuation]), "bloom", "poro-chat", "gpt3-finnish");
        Add(new([NoPunctuation, @"\p{N}"]), "viking");
        Add(new([@"\p{N}+", @"(?=(\d{3})+(?!\d))"]), "superbpe");
        return presets;
    }
}
