using XLLM.Text.Tokenizers.Patterns;

namespace XLLM.Text.Tokenizers.HuggingFace;

/// <summary>Reads the <c>pattern</c> of Split and Replace: <c>{"String": ..}</c> or <c>{"Regex": ..}</c>.</summary>
internal static class PatternReader
{
    /// <summary>The literal string, or null when the pattern is a regular expression.</summary>
    public static string? ReadLiteral(JsonField node) => node.OptionalString("String");

    public static Pattern Read(JsonField node)
    {
        if (ReadLiteral(node) is { } literal)
        {
            return Pattern.Literal(literal);
        }

        try
        {
            return Pattern.Parse(node.Field("Regex").AsString());
        }
        catch (TokenizerFormatException e)
        {
            throw node.Error(e.Message);
        }
    }
}
