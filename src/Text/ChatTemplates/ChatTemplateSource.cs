using XLLM.Text.Tokenizers;
using XLLM.Text.Tokenizers.HuggingFace;

namespace XLLM.Text.ChatTemplates;

/// <summary>The chat templates of a model, by name, and the special tokens they are rendered with.</summary>
public sealed record ChatTemplateSource(
    IReadOnlyDictionary<string, string> Templates, IReadOnlyDictionary<string, string> SpecialTokens)
{
    private const string DefaultName = "default";
    private const string ToolName = "tool_use";
    private const string TemplateExtension = ".jinja";

    /// <summary>What a tokenizer carries.</summary>
    public static ChatTemplateSource Of(TokenizerConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new ChatTemplateSource(config.ChatTemplates, config.SpecialTokens);
    }

    /// <summary>Reads a Hugging Face folder, a GGUF file, or a file that is a template (NAME.jinja, without special tokens).</summary>
    /// <exception cref="TokenizerFormatException">A file is malformed.</exception>
    /// <exception cref="FileNotFoundException">Nothing is there.</exception>
    public static ChatTemplateSource Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            return Of(TokenizerConfigReader.Read(path));
        }

        if (!path.EndsWith(TemplateExtension, StringComparison.OrdinalIgnoreCase) || !File.Exists(path))
        {
            return Of(TokenizerLoader.Load(path).Config);
        }

        return new ChatTemplateSource(
            new Dictionary<string, string> { [DefaultName] = File.ReadAllText(path) }, new Dictionary<string, string>());
    }

    /// <summary>
    /// The template for a request: with tools the one named "tool_use" if there is one, otherwise "default", otherwise the only one; as
    /// Hugging Face transformers chooses. Null when there is none.
    /// </summary>
    public string? Choose(bool hasTools) =>
        hasTools && Templates.TryGetValue(ToolName, out string? withTools) ? withTools
        : Templates.TryGetValue(DefaultName, out string? ordinary) ? ordinary
        : Templates.Count == 1 ? Templates.Values.First()
        : null;
}
