using XLLM.Formats;
using XLLM.Formats.Gguf;
using XLLM.Text.Tokenizers.Gguf;
using XLLM.Text.Tokenizers.HuggingFace;

namespace XLLM.Text.Tokenizers;

/// <summary>Loads tokenizers.</summary>
public static class TokenizerLoader
{
    /// <summary>
    /// Loads the tokenizer of a Hugging Face folder (tokenizer.json and its neighbours) or of a GGUF file (its tokenizer.ggml
    /// metadata).
    /// </summary>
    /// <exception cref="TokenizerFormatException">Malformed, or with a component that is not supported; the message names
    /// it.</exception>
    /// <exception cref="FileNotFoundException">Nothing is there.</exception>
    public static Tokenizer Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            return TokenizerFolderReader.Read(path);
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such file or folder.", path);
        }

        try
        {
            using GgufFile file = GgufFile.Open(path);
            return Load(file);
        }
        catch (ModelFormatException e)
        {
            throw new TokenizerFormatException(e.Message, e);
        }
    }

    /// <summary>Builds the tokenizer of an open GGUF file, which may be closed afterwards.</summary>
    /// <exception cref="TokenizerFormatException">Malformed, or of a kind that is not supported.</exception>
    /// <exception cref="ModelFormatException">A value of the metadata is missing or of the wrong type.</exception>
    public static Tokenizer Load(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return GgufTokenizerReader.Read(file);
    }
}
