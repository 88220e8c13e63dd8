namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>All filters. Their value is <see cref="Invocation.Self"/>.</summary>
internal static class Filters
{
    public static IReadOnlyDictionary<string, Builtin> Table { get; } = new BuiltinTable
    {
        TextFilters.All,
        ValueFilters.All,
        SequenceFilters.All,
        SelectionFilters.All,
        SortFilters.All,
    }.ByName;

    public static string Unknown(string name) => name switch
    {
        "random" => "the filter 'random' is not available: a chat template must give the same text every time",
        "pprint" or "striptags" or "urlize" or "wordwrap" or "xmlattr" => $"the filter '{name}' is not available in chat templates",
        _ => $"No filter named '{name}'.",
    };
}
