using XLLM.Text.Tokenizers.Patterns;

namespace XLLM.Text.Tokenizers.Normalizers;

/// <summary>Replaces what a pattern matches.</summary>
internal sealed class PatternReplaceNormalizer(Pattern pattern, string content) : INormalizer
{
    public string Normalize(string text) => pattern.Replace(text, content);
}
