using XLLM.Engine.Models.Families;
using XLLM.Formats;

namespace XLLM.Engine.Models;

/// <summary>The families that can be run, by architecture name.</summary>
internal static class ModelFamilies
{
    private static readonly Dictionary<string, ModelFamily> ByName =
        new ModelFamily[] { new LlamaFamily(), new MistralFamily(), new Qwen2Family(), new Qwen3Family() }
            .ToDictionary(f => f.Name, StringComparer.Ordinal);

    public static IEnumerable<string> Names => ByName.Keys.Order(StringComparer.Ordinal);

    /// <summary>Errors: <see cref="ModelFormatException"/> listing the known ones.</summary>
    public static ModelFamily Require(string file, string name) =>
        ByName.GetValueOrDefault(name)
        ?? throw new ModelFormatException(
            file,
            $"architecture '{name}' is not supported; supported are {string.Join(", ", Names)}");
}
