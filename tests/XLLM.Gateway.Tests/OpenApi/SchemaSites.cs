using System.Text.Json.Nodes;
using XLLM.Gateway.OpenApi;

namespace XLLM.Gateway.Tests.OpenApi;

/// <summary>Every place in a body that has a schema, and a way to build the least body with a given value there.</summary>
internal sealed class SchemaSites(ApiSchemas api)
{
    private const int MaxDepth = 12;

    private readonly SchemaSampler _sampler = new(api, new Random(1));

    /// <param name="Path">As errors name it, with [0] for an item.</param>
    /// <param name="Schema">What is wanted there.</param>
    /// <param name="Place">A value to a whole body.</param>
    public sealed record Site(string Path, JsonObject Schema, Func<JsonNode?, JsonNode?> Place);

    public IEnumerable<Site> Of(JsonNode schema) => Find(schema, "", 0);

    private IEnumerable<Site> Find(JsonNode schema, string path, int depth)
    {
        JsonObject at = api.Resolve(schema);
        if (depth > MaxDepth)
        {
            yield break;
        }

        if (path.Length > 0 && !at.ContainsKey("anyOf"))
        {
            yield return new Site(path, at, value => value);
        }

        foreach (JsonNode? variant in at["anyOf"]?.AsArray() ?? [])
        {
            foreach (Site site in Find(variant!, path, depth + 1))
            {
                // What is said of all variants is true of each.
                yield return at["x-depends"] is { } depends && site.Path == path && site.Schema.DeepClone() is JsonObject copy
                    ? site with { Schema = copy.With("x-depends", depends.DeepClone()) }
                    : site;
            }
        }

        foreach ((string name, JsonNode? property) in at["properties"]?.AsObject() ?? [])
        {
            foreach (Site site in Find(property!, path.Length == 0 ? name : $"{path}.{name}", depth + 1))
            {
                yield return site with { Place = value => Within(at, name, property!, site.Place(value)) };
            }
        }

        if (at["items"] is { } items)
        {
            int least = Math.Max(1, at["minItems"]?.GetValue<int>() ?? 1);
            foreach (Site site in Find(items, path + "[0]", depth + 1))
            {
                yield return site with
                {
                    Place = value => new JsonArray([site.Place(value), .. Enumerable.Range(1, least - 1).Select(_ => _sampler.Minimal(items))]),
                };
            }
        }
    }

    private JsonObject Within(JsonObject schema, string name, JsonNode property, JsonNode? value)
    {
        JsonObject record = _sampler.Minimal(schema)!.AsObject();
        foreach ((string other, JsonNode? beside) in api.Resolve(property)["x-with"]?.AsObject() ?? [])
        {
            record[other] = beside!.DeepClone();
        }

        record[name] = value;
        return record;
    }
}
