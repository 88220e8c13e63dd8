using XLLM.Contracts.Requests;

namespace XLLM.Gateway.Generation;

/// <summary>Names of the classes of priority, in requests and in the file of API keys.</summary>
public static class PriorityNames
{
    /// <summary>The class of a name; null for any other.</summary>
    public static RequestPriority? Parse(string? name) => name switch
    {
        "interactive" => RequestPriority.Interactive,
        "normal" => RequestPriority.Online,
        "batch" => RequestPriority.Offline,
        _ => null,
    };

    /// <summary>The name of a class.</summary>
    public static string Of(RequestPriority priority) => priority switch
    {
        RequestPriority.Interactive => "interactive",
        RequestPriority.Offline => "batch",
        _ => "normal",
    };
}
