using System.Text.Json.Nodes;

namespace XLLM.Gateway.OpenApi;

/// <summary>The two shapes of errors.</summary>
internal static class ErrorSchemas
{
    /// <summary>Errors that a request for text or vectors can end in, by their names in docs/errors.md.</summary>
    public static readonly string[] OfRuns =
    [
        "RejectedInvalid", "RejectedTooLong", "RejectedCapacity", "ExpiredInQueue", "ModelNotFound", "NoInstance", "EngineFailed",
        "InstanceLost", "TimedOut", "Cancelled", "BadStructure",
    ];

    /// <summary>Errors of routes that need a model and run nothing.</summary>
    public static readonly string[] OfModels = ["ModelNotFound", "NoInstance", "RejectedTooLong"];

    public static JsonObject OpenAi() => Schema.Record(
        "OpenAI's shape of an error; docs/errors.md lists all.",
        new Field("error", Schema.Record(
            "",
            new Field("message", Schema.Text("What was wrong and what would be right."), true),
            new Field("type", Schema.Text("Kind."), true),
            new Field("param", Schema.Any("Path of the field at fault.", Schema.Text(""), Schema.Null()), true),
            new Field("code", Schema.Text("Which error it is."), true)), true));

    public static JsonObject Anthropic() => Schema.Record(
        "Anthropic's shape of an error.",
        new Field("type", Schema.Constant("error"), true),
        new Field("error", Schema.Record(
            "",
            new Field("type", Schema.Choice(
                "Kind.", "invalid_request_error", "authentication_error", "permission_error", "not_found_error", "timeout_error",
                "request_too_large", "rate_limit_error", "overloaded_error", "api_error"), true),
            new Field("message", Schema.Text("What was wrong and what would be right."), true)), true),
        new Field("request_id", Schema.Any("Id of the HTTP request.", Schema.Text(""), Schema.Null()), true));
}
