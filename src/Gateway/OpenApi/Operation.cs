using System.Text.Json.Nodes;

namespace XLLM.Gateway.OpenApi;

/// <summary>A method of a route, as the document has it.</summary>
/// <param name="Method">In capitals.</param>
/// <param name="Path">As routes are written in OpenAPI, <c>/v1/responses/{id}</c>.</param>
/// <param name="Id">Unique name.</param>
/// <param name="Tag">Group.</param>
/// <param name="Summary">One line.</param>
internal sealed record Operation(string Method, string Path, string Id, string Tag, string Summary)
{
    /// <summary>Schema of a JSON body; null = it takes none.</summary>
    public JsonObject? Body { get; init; }

    /// <summary>Schema of a body of another media type, beside its name.</summary>
    public (string MediaType, JsonObject Schema)? OtherBody { get; init; }

    /// <summary>A body that is taken.</summary>
    public JsonObject? Example { get; init; }

    /// <summary>Schema of the JSON of a 200; null = it is of another media type.</summary>
    public JsonObject? Answer { get; init; }

    /// <summary>Another media type of a 200, and what it is.</summary>
    public (string MediaType, string About)? OtherAnswer { get; init; }

    /// <summary>Parameters in path and query.</summary>
    public IReadOnlyList<Parameter> Parameters { get; init; } = [];

    /// <summary>Names of the rows of docs/errors.md it can end in, beside those that every route can.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>It needs no key even when keys are on.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Its errors have Anthropic's shape.</summary>
    public bool IsAnthropic => Path.StartsWith("/v1/messages", StringComparison.Ordinal);
}
