namespace XLLM.Text.Tokenizers.PreTokenizers;

/// <summary>What becomes of the text that a splitting pattern matches.</summary>
internal enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}
