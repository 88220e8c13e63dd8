namespace XLLM.Text.Tokenizers;

/// <summary>
/// A tokenizer file, or the tokenizer part of a model file, that is malformed or asks for something that is not supported.
/// </summary>
public sealed class TokenizerFormatException : Exception
{
    public TokenizerFormatException(string message)
        : base(message)
    {
    }

    public TokenizerFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
