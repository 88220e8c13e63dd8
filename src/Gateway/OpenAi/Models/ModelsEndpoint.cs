using System.Text.Json;
using Microsoft.AspNetCore.Http;
using XLLM.Contracts.Fleet;
using XLLM.Gateway.Models;

namespace XLLM.Gateway.OpenAi.Models;

/// <summary>
/// GET /v1/models and /v1/models/{id}: OpenAI's objects, which also have what Anthropic's clients read from the same routes.
/// </summary>
internal sealed class ModelsEndpoint(ModelCatalog models, TimeProvider time)
{
    private readonly long _created = time.GetUtcNow().ToUnixTimeSeconds();

    public async Task ListAsync(HttpContext context)
    {
        IReadOnlyList<InstanceDescriptor> all = await models.ListAsync();
        await JsonAnswer.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteString(Names.Object, "list");
            json.WriteStartArray("data");
            foreach (InstanceDescriptor model in all)
            {
                Write(json, model);
            }

            json.WriteEndArray();
            json.WriteString("first_id", all.Count > 0 ? all[0].Model.Name : null);
            json.WriteString("last_id", all.Count > 0 ? all[^1].Model.Name : null);
            json.WriteBoolean("has_more", false);
            json.WriteEndObject();
        });
    }

    public async Task GetAsync(HttpContext context, string id)
    {
        InstanceDescriptor model = await models.FindAsync(id);
        await JsonAnswer.WriteAsync(context.Response, json => Write(json, model));
    }

    private void Write(Utf8JsonWriter json, InstanceDescriptor model)
    {
        json.WriteStartObject();
        json.WriteString(Names.Id, model.Model.Name);
        json.WriteString(Names.Object, "model");
        json.WriteNumber(Names.Created, _created);
        json.WriteString("owned_by", "xllm");
        json.WriteString("root", model.Model.Name);
        json.WriteNull("parent");
        json.WriteNumber("max_model_len", model.Model.ContextLength);
        json.WriteString("type", "model");
        json.WriteString("display_name", model.Model.Name);
        json.WriteString("created_at", DateTimeOffset.FromUnixTimeSeconds(_created));
        json.WriteEndObject();
    }
}
