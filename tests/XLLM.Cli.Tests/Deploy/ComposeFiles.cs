using System.Text.RegularExpressions;
using XLLM.Testing;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace XLLM.Cli.Tests.Deploy;

/// <summary>deploy/compose as a container engine would read it.</summary>
internal static partial class ComposeFiles
{
    public static string Folder { get; } = Path.Combine(SharedData.Repository, "deploy", "compose");

    public static Dictionary<object, object> Compose { get; } = Map(Yaml("docker-compose.yml"));

    public static Dictionary<object, object> Services => Map(Compose["services"]);

    /// <summary>Anchors and merge keys are resolved.</summary>
    public static object Yaml(string file)
    {
        using StreamReader reader = new(Path.Combine(Folder, file));
        return new DeserializerBuilder().Build().Deserialize(new MergingParser(new Parser(reader)))!;
    }

    public static Dictionary<object, object> Map(object value) => Assert.IsType<Dictionary<object, object>>(value);

    public static IEnumerable<string> List(object value) => Assert.IsType<List<object>>(value).Select(x => (string)x);

    /// <summary>Replaces ${NAME}, ${NAME:-default} and ${NAME:?why} as compose does.</summary>
    public static string Substitute(string text, IReadOnlyDictionary<string, string> environment) => Variable().Replace(text, match =>
    {
        string name = match.Groups[1].Value;
        string value = environment.GetValueOrDefault(name, "");
        return value.Length > 0 ? value
            : match.Groups[2].Value == ":-" ? match.Groups[3].Value
            : throw new InvalidOperationException($"{name} is not set: {match.Groups[3].Value}");
    });

    /// <summary>Names in .env.example, with its values.</summary>
    public static IReadOnlyDictionary<string, string> Example { get; } = File.ReadLines(Path.Combine(Folder, ".env.example"))
        .Where(x => x.Contains('=') && !x.StartsWith('#'))
        .ToDictionary(x => x[..x.IndexOf('=')], x => x[(x.IndexOf('=') + 1)..]);

    /// <summary>Names of all variables in a text.</summary>
    public static IEnumerable<string> VariablesOf(string text) => Variable().Matches(text).Select(x => x.Groups[1].Value);

    [GeneratedRegex(@"\$\{([A-Z_]+)(?:(:-|:\?)([^}]*))?\}")]
    private static partial Regex Variable();
}
