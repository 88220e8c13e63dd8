namespace XLLM.Text.Tokenizers;

/// <summary>
/// A text that this tokenizer cannot encode: no unknown token for it, or a splitting pattern that exceeds its step budget.
/// </summary>
public sealed class TokenizationException(string message) : Exception(message);
