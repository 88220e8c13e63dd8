namespace XLLM.Text.Tokenizers.AddedTokens;

/// <summary>A token that is found in the text before the model sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
/// <param name="Special">A control token: dropped when decoding without special tokens, plain text when these are not
/// parsed.</param>
/// <param name="Normalized">Looked for in normalized text (in its own normalized form) instead of in the raw text.</param>
/// <param name="LeftStrip">Takes the whitespace before it along.</param>
/// <param name="RightStrip">Takes the whitespace behind it along.</param>
/// <param name="SingleWord">Counts only where no word character touches it.</param>
internal sealed record AddedToken(
    int Id, string Content, bool Special, bool Normalized = false, bool LeftStrip = false, bool RightStrip = false,
        bool SingleWord = false);
