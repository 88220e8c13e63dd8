namespace XLLM.Text.Tokenizers.AddedTokens;

/// <summary>A part of the input: an added token (then <c>TokenId</c> is set), or normalized text for the model.</summary>
/// <param name="Text">The text, normalized; empty for a token.</param>
/// <param name="AtTextStart">Whether it begins where the input begins.</param>
/// <param name="TokenId">The added token's id.</param>
internal readonly record struct Section(string Text, bool AtTextStart, int? TokenId = null);
