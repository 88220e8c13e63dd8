using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Models;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.OpenAi.Tokens;

/// <summary>POST /detokenize, in vLLM's shape: <c>tokens</c> to a text.</summary>
internal sealed class DetokenizeEndpoint(BodyReader bodies, ModelCatalog models)
{
    public async Task HandleAsync(HttpContext context)
    {
        (string? name, ImmutableArray<int> tokens) = await bodies.ReadAsync(
            context,
            (body, _) =>
            {
                body.Required("tokens");
                return (body.Text("model", GenerationParser.MaxModelNameLength), GenerationParser.ReadTokens(body, "tokens", int.MaxValue));
            });
        ServedModel model = await models.ResolveAsync(name);
        TokenChecks.CheckVocabulary(tokens, model.Card.VocabularySize, "tokens");
        string text = model.Codec.Decode(tokens, skipSpecialTokens: false);
        await JsonAnswer.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteString("prompt", text);
            json.WriteEndObject();
        });
    }
}
