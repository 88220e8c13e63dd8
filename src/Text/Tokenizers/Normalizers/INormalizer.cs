namespace XLLM.Text.Tokenizers.Normalizers;

/// <summary>Rewrites text before it is split. Pure and safe for several threads.</summary>
internal interface INormalizer
{
    string Normalize(string text);
}
