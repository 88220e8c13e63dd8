namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>How a loop takes its text.</summary>
internal enum Repetition
{
    Greedy,
    Lazy,
    Possessive,
}
