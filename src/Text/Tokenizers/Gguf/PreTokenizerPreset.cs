namespace XLLM.Text.Tokenizers.Gguf;

/// <summary>What a name in <c>tokenizer.ggml.pre</c> stands for.</summary>
/// <param name="Patterns">Splitting patterns, each applied to the pieces of the one before.</param>
/// <param name="IgnoreMerges">A word that is a token as a whole is that token.</param>
/// <param name="AddBos">Whether a begin token is added when the file does not say.</param>
internal sealed record PreTokenizerPreset(IReadOnlyList<string> Patterns, bool IgnoreMerges = false, bool AddBos = false);
