using System.Reflection;
using System.Text.Json.Nodes;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenApi.Routes;

namespace XLLM.Gateway.OpenApi;

/// <summary>
/// The OpenAPI 3.1 document of this gateway, with the limits that it is configured for. Tests hold it against the routes that are
/// mapped, the fields that the parsers ask for, and the answers.
/// </summary>
internal static class ApiDocument
{
    private static readonly string[] Everywhere = ["BadHttp", "BadKey", "ForbiddenHost", "KeyLimit", "Unexpected"];
    private static readonly string[] OfBodies =
        ["InvalidJson", "InvalidValue", "Unsupported", "TooSlow", "TooLarge", "WrongMediaType"];

    private static readonly string Version =
        typeof(ApiDocument).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>All operations.</summary>
    public static IReadOnlyList<Operation> Operations(GatewayOptions options) =>
    [
        .. TextRoutes.All(options),
        .. VectorRoutes.All(options),
        .. ResponseRoutes.All(options),
        .. FileRoutes.All(options),
        .. MessageRoutes.All(options),
        .. ModelRoutes.All(options),
        .. HouseRoutes.All,
        .. AdminRoutes.All,
    ];

    public static JsonObject Build(GatewayOptions options)
    {
        var paths = new JsonObject();
        foreach (IGrouping<string, Operation> route in Operations(options).GroupBy(o => o.Path))
        {
            var methods = new JsonObject();
            foreach (Operation operation in route)
            {
                methods.Add(operation.Method.ToLowerInvariant(), Write(operation));
            }

            paths.Add(route.Key, methods);
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "XLLM.Orleans",
                ["version"] = Version,
                ["description"] =
                    "OpenAI's and Anthropic's APIs, and what serves them. Names that are not listed are ignored in a body; those of "
                    + "'x-refused' are known and refused, because they would change the result. null is the same as absent where a field "
                    + "is not required. 'x-with' names fields that must be given too, 'x-depends' says what else decides. Limits are those "
                    + "this server is configured for.",
                ["license"] = new JsonObject { ["name"] = "Apache-2.0", ["identifier"] = "Apache-2.0" },
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["security"] = new JsonArray(
                new JsonObject { ["bearer"] = new JsonArray() },
                new JsonObject { ["x-api-key"] = new JsonArray() },
                new JsonObject()),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject
                {
                    ["bearer"] = new JsonObject
                    {
                        ["type"] = "http", ["scheme"] = "bearer", ["description"] = "Where Gateway:ApiKeysFile is set.",
                    },
                    ["x-api-key"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = "x-api-key" },
                },
                ["schemas"] = Components(options),
            },
        };
    }

    private static JsonObject Components(GatewayOptions options)
    {
        var schemas = new JsonObject
        {
            ["Error"] = ErrorSchemas.OpenAi(),
            ["AnthropicError"] = ErrorSchemas.Anthropic(),
        };
        foreach ((string name, JsonObject schema) in ChatSchemas.Components(options).Concat(MessageSchemas.Components).Concat(ResponseSchemas.Components)
            .Concat(FileRoutes.Components).Concat(AdminRoutes.Components))
        {
            schemas.Add(name, schema);
        }

        return schemas;
    }

    private static JsonObject Write(Operation operation)
    {
        var written = new JsonObject
        {
            ["operationId"] = operation.Id,
            ["tags"] = new JsonArray(operation.Tag),
            ["summary"] = operation.Summary,
        };
        if (operation.IsOpen)
        {
            written["security"] = new JsonArray();
        }

        if (operation.Parameters.Count > 0)
        {
            written["parameters"] = new JsonArray([.. operation.Parameters.Select(Write)]);
        }

        if (operation.Body is not null || operation.OtherBody is not null)
        {
            written["requestBody"] = new JsonObject { ["required"] = true, ["content"] = BodyOf(operation) };
        }

        written["responses"] = Responses(operation);
        return written;
    }

    private static JsonObject BodyOf(Operation operation)
    {
        var content = new JsonObject();
        if (operation.Body is { } body)
        {
            JsonObject media = new JsonObject { ["schema"] = body }.With("example", operation.Example);
            content.Add("application/json", media);
        }

        if (operation.OtherBody is { } other)
        {
            content.Add(other.MediaType, new JsonObject { ["schema"] = other.Schema });
        }

        return content;
    }

    private static JsonObject Write(Parameter parameter) => new()
    {
        ["name"] = parameter.Name,
        ["in"] = parameter.IsPath ? "path" : "query",
        ["required"] = parameter.IsPath,
        ["schema"] = parameter.Schema,
    };

    private static JsonObject Responses(Operation operation)
    {
        var content = new JsonObject();
        if (operation.Answer is { } answer)
        {
            content.Add("application/json", new JsonObject { ["schema"] = answer });
        }

        string about = "As asked for.";
        if (operation.OtherAnswer is { } other)
        {
            content.Add(other.MediaType, new JsonObject { ["schema"] = Schema.Text(other.About) });
            about = operation.Answer is null ? other.About : about;
        }

        var responses = new JsonObject { ["200"] = new JsonObject { ["description"] = about, ["content"] = content } };
        bool hasBody = operation.Body is not null || operation.OtherBody is not null;
        IEnumerable<string> names = [.. Everywhere, .. hasBody ? OfBodies : [], .. operation.Errors];
        ErrorRow[] rows = [.. names.Distinct().Select(RowOf)];
        foreach (IGrouping<int, ErrorRow> status in rows.GroupBy(r => r.Status).OrderBy(g => g.Key))
        {
            responses.Add(
                status.Key.ToString(System.Globalization.CultureInfo.InvariantCulture),
                new JsonObject
                {
                    ["description"] = string.Join(", ", status.Select(r => r.Code).Distinct()),
                    ["content"] = new JsonObject
                    {
                        ["application/json"] = new JsonObject
                        {
                            ["schema"] = Schema.Reference(operation.IsAnthropic ? "AnthropicError" : "Error"),
                        },
                    },
                });
        }

        return responses;
    }

    private static ErrorRow RowOf(string name) => DoorErrors.Rows.Concat(OutcomeErrors.Rows).Single(r => r.Name == name);
}
