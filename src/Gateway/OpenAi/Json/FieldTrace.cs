namespace XLLM.Gateway.OpenAi.Json;

/// <summary>
/// The names that parsers ask for on this thread, while somebody wants to know: that is how the OpenAPI document is held against them.
/// </summary>
internal static class FieldTrace
{
    [ThreadStatic]
    private static ICollection<(string Path, string Name)>? _asked;

    /// <summary>Runs a parser and adds all names that it asks for, with the paths of their objects.</summary>
    public static void Run(ICollection<(string Path, string Name)> asked, Action parse)
    {
        _asked = asked;
        try
        {
            parse();
        }
        finally
        {
            _asked = null;
        }
    }

    public static void Note(string path, string name) => _asked?.Add((path, name));
}
