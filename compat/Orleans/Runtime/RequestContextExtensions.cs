namespace Orleans.Runtime;

internal static class RequestContextExtensions
{
    public static Dictionary<string, object>? Export() => RequestContext.Values;

    public static void Import(Dictionary<string, object>? values) => RequestContext.Values = values;
}
