namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>Code points from <c>First</c> to <c>Last</c>, both included.</summary>
internal readonly record struct CodePointRange(int First, int Last);
