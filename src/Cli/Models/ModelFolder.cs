using System.Text.RegularExpressions;

namespace XLLM.Cli.Models;

/// <summary>
/// GGUF files of this user by name: XLLM_MODELS, or models in XDG_DATA_HOME/xllm, or ~/.local/share/xllm/models. <c>--model NAME</c>
/// finds them there.
/// </summary>
public sealed partial class ModelFolder(string root)
{
    private const string Extension = ".gguf";

    public string Root { get; } = Path.GetFullPath(root);

    public static ModelFolder FromEnvironment()
    {
        if (Environment.GetEnvironmentVariable("XLLM_MODELS") is { Length: > 0 } named)
        {
            return new ModelFolder(named);
        }

        string data = Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } home
            ? home
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share");
        return new ModelFolder(Path.Combine(data, "xllm", "models"));
    }

    /// <summary>A name that is no path: letters, digits, dots, hyphens, underscores; it begins with a letter or digit.</summary>
    public static bool IsName(string name) => Name().IsMatch(name);

    /// <summary>Where the file of a name is, or would be.</summary>
    /// <exception cref="ArgumentException">It is no name.</exception>
    public string PathOf(string name) => IsName(name)
        ? Path.Combine(Root, name.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) ? name : name + Extension)
        : throw new ArgumentException(
            $"'{name}' is no name for a model: letters, digits, dots, hyphens and underscores, a letter or digit first.");

    /// <summary>The file of a name; null = there is none.</summary>
    public string? Find(string name) => IsName(name) && File.Exists(PathOf(name)) ? PathOf(name) : null;

    /// <summary>All whole files, by name.</summary>
    public IReadOnlyList<FileInfo> Files() => !Directory.Exists(Root)
        ? []
        : [.. new DirectoryInfo(Root).EnumerateFiles("*" + Extension).OrderBy(f => f.Name, StringComparer.Ordinal)];

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
