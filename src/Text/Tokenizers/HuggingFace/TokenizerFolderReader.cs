using System.Text.Json;

namespace XLLM.Text.Tokenizers.HuggingFace;

/// <summary>Reads the tokenizer of a Hugging Face folder.</summary>
internal static class TokenizerFolderReader
{
    /// <exception cref="TokenizerFormatException">A file is missing, malformed, or asks for something that is not
    /// supported.</exception>
    public static Tokenizer Read(string folder)
    {
        string path = Path.Combine(folder, "tokenizer.json");
        if (!File.Exists(path))
        {
            throw new TokenizerFormatException(
                $"{folder} has no tokenizer.json, the one tokenizer format of Hugging Face folders that is read.");
        }

        TokenizerConfig config = TokenizerConfigReader.Read(folder);
        using JsonDocument document = JsonFile.Open(path);
        PipelineTokenizer plain = TokenizerJsonReader.Read(document, config, path);
        return plain.WithEndTokens();
    }
}
