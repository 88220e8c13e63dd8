using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Keys;
using XLLM.Gateway.Models;

namespace XLLM.Gateway.OpenAi.Chat;

/// <summary>POST /v1/chat/completions.</summary>
internal sealed class ChatEndpoint(BodyReader bodies, ModelCatalog models, GenerationRunner runner)
{
    public async Task HandleAsync(HttpContext context)
    {
        ChatRequest request = await bodies.ReadAsync(context, ChatParser.Parse);
        ServedModel model = await models.ResolveAsync(request.Parameters.Model);
        (ImmutableArray<int> tokens, AnswerReading reading) = ChatEncoder.Encode(model, request.Prompt, request.Parameters.Format);
        await runner.RunAsync(
            context,
            model,
            KeyUse.Apply(context, request.Parameters),
            [tokens],
            "chatcmpl-",
            new ChatShape(model.Codec, reading),
            reading);
    }
}
