using XLLM.Text.Tokenizers.HuggingFace;

namespace XLLM.Text.Tokenizers;

/// <summary>Loads tokenizers.</summary>
public static class TokenizerLoader
{
    /// <summary>
    /// Loads the tokenizer of a Hugging Face folder (tokenizer.json and its neighbours) or of a GGUF file (its tokenizer.ggml metadata).
    /// </summary>
    /// <exception cref="TokenizerFormatException">Malformed, or with a component that is not supported; the message names it.</exception>
    /// <exception cref="FileNotFoundException">Nothing is there.</exception>
    public static Tokenizer Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            return TokenizerFolderReader.Read(path);
        }

        throw File.Exists(path)
            ? new TokenizerFormatException($"{path} is not a folder with tokenizer.json.")
            : new FileNotFoundException($"{path}: no such file or folder.", path);
    }
}
