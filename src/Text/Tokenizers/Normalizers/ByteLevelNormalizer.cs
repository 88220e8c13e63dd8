using System.Text;

namespace XLLM.Text.Tokenizers.Normalizers;

/// <summary>Writes each UTF-8 byte as a character of <see cref="ByteAlphabet"/>.</summary>
internal sealed class ByteLevelNormalizer : INormalizer
{
    public string Normalize(string text)
    {
        var result = new StringBuilder(text.Length);
        ByteAlphabet.Append(text, result);
        return result.ToString();
    }
}
