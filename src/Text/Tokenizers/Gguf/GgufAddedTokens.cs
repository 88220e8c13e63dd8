using XLLM.Text.Tokenizers.AddedTokens;

namespace XLLM.Text.Tokenizers.Gguf;

/// <summary>
/// The tokens of a GGUF vocabulary that are looked for in the text: user-defined ones always, control ones when special tokens
/// are parsed.
/// </summary>
internal static class GgufAddedTokens
{
    public static List<AddedToken> Find(GgufTokenizerMetadata metadata)
    {
        // GGUF has no flag for whitespace taken along; Phi-3 is the published family that needs one, and llama.cpp knows it by name too.
        bool strips = metadata.ModelName.Contains("phi-3", StringComparison.OrdinalIgnoreCase)
            || metadata.ModelName.Contains("phi3", StringComparison.OrdinalIgnoreCase);
        var tokens = new List<AddedToken>();
        for (int id = 0; id < metadata.Tokens.Count; id++)
        {
            GgufTokenType type = metadata.TypeOf(id);
            if (type is GgufTokenType.Control or GgufTokenType.UserDefined or GgufTokenType.Unknown)
            {
                string text = metadata.Tokens[id];
                bool right = strips && text is not ("<unk>" or "<s>" or "<|endoftext|>");
                tokens.Add(new AddedToken(id, text, Special: type != GgufTokenType.UserDefined, RightStrip: right));
            }
        }

        return tokens;
    }
}
