using XLLM.Formats.Safetensors;

namespace XLLM.Formats;

/// <summary>Tells what a path given as a model is.</summary>
public static class ModelFiles
{
    private const string Expected = "a .gguf file, or a Hugging Face folder with config.json and *.safetensors, was expected";

    /// <summary>
    /// A GGUF file, a Hugging Face folder, or (a path to a folder with nothing but one GGUF file) that file.
    /// Errors: <see cref="ModelFormatException"/> saying what is missing.
    /// </summary>
    public static ModelLocation Locate(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        string full = Path.GetFullPath(path);
        if (File.Exists(full))
        {
            return IsGguf(full)
                ? new ModelLocation(ModelKind.Gguf, full)
                : throw new ModelFormatException(path, $"this file is no GGUF file; {Expected}");
        }

        return Directory.Exists(full)
            ? LocateInFolder(path, full)
            : throw new ModelFormatException(path, $"there is no such file or folder; {Expected}");
    }

    private static ModelLocation LocateInFolder(string path, string full)
    {
        bool config = File.Exists(Path.Combine(full, "config.json"));
        bool weights = File.Exists(Path.Combine(full, SafetensorsFolder.SingleName))
            || File.Exists(Path.Combine(full, SafetensorsFolder.IndexName));
        if (config && weights)
        {
            return new ModelLocation(ModelKind.HuggingFace, full);
        }

        if (config || weights)
        {
            string missing = config ? $"{SafetensorsFolder.SingleName} or {SafetensorsFolder.IndexName}" : "config.json";
            throw new ModelFormatException(path, $"this folder lacks {missing}; {Expected}");
        }

        string[] files = Directory.GetFiles(full, "*.gguf");
        return files.Length == 1
            ? new ModelLocation(ModelKind.Gguf, files[0])
            : throw new ModelFormatException(path, files.Length == 0
                ? $"this folder has no model; {Expected}"
                : $"this folder has {files.Length} GGUF files; name one of them");
    }

    private static bool IsGguf(string path)
    {
        Span<byte> magic = stackalloc byte[4];
        using FileStream file = File.OpenRead(path);
        return file.ReadAtLeast(magic, 4, false) == 4 && magic.SequenceEqual("GGUF"u8);
    }
}
