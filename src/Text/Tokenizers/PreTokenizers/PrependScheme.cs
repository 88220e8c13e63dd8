namespace XLLM.Text.Tokenizers.PreTokenizers;

/// <summary>Where Metaspace puts its character before a text: everywhere, at the input's start only, or nowhere.</summary>
internal enum PrependScheme
{
    Always,
    First,
    Never,
}
