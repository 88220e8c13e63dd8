namespace XLLM.Text.Tokenizers.Gguf;

/// <summary>Kinds of tokens in <c>tokenizer.ggml.token_type</c> (the format's numbers).</summary>
internal enum GgufTokenType
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}
