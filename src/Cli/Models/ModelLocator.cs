using XLLM.Cli.Hub;

namespace XLLM.Cli.Models;

/// <summary>
/// Finds what <c>--model</c> names: the bundled demo model, a path, a file of the folder of models, or a model on the hub.
/// </summary>
public sealed class ModelLocator(Func<HubReference, CancellationToken, Task<string>> download, ModelFolder? folder = null)
{
    /// <summary>Name of the bundled demo model, and of no <c>--model</c> at all.</summary>
    public const string Demo = "xllm-demo";

    /// <summary>
    /// Throws <see cref="HubException"/> or <see cref="FileNotFoundException"/> with what would be right. The name is the one the
    /// API serves the model under.
    /// </summary>
    public async Task<(string Name, string Path)> FindAsync(string? model, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(model) || model == Demo)
        {
            return (Demo, DemoFolder());
        }

        if (Path.Exists(model))
        {
            string path = Path.GetFullPath(model);
            string name = Path.GetFileName(path.TrimEnd(Path.DirectorySeparatorChar));
            return (name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? name[..^5] : name, path);
        }

        if (folder?.Find(model) is { } kept)
        {
            return (Path.GetFileNameWithoutExtension(kept), kept);
        }

        bool looksLikePath = model.StartsWith('.') || model.StartsWith('/') || model.StartsWith('~')
            || model.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);
        if (looksLikePath || HubReference.TryParse(model) is not { } reference)
        {
            throw new FileNotFoundException(
                $"There is no file or folder '{model}'. --model takes a GGUF file, a Hugging Face folder (config.json, tokenizer.json, "
                + "*.safetensors) or a hub name such as Qwen/Qwen3-0.6B or owner/name:Q4_K_M.");
        }

        return (reference.Selector is null ? reference.Repository : $"{reference.Repository}:{reference.Selector}",
            await download(reference, cancellationToken));
    }

    private static string DemoFolder()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string folder = Path.Combine(at.FullName, "models", "demo");
            if (File.Exists(Path.Combine(folder, "config.json")))
            {
                return folder;
            }
        }

        throw new FileNotFoundException(
            $"The bundled demo model (models/demo) is not above {AppContext.BaseDirectory}; give --model a path.");
    }
}
