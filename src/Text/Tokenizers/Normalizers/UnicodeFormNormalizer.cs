using System.Text;
using XLLM.Text.Tokenizers.Unicode;

namespace XLLM.Text.Tokenizers.Normalizers;

/// <summary>One of the Unicode normalization forms.</summary>
internal sealed class UnicodeFormNormalizer(NormalizationForm form) : INormalizer
{
    public string Normalize(string text) => UnicodeForm.Normalize(text, form);
}
