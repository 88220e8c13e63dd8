using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Keys;
using XLLM.Gateway.Models;
using XLLM.Gateway.OpenAi;
using XLLM.Gateway.OpenAi.Chat;

namespace XLLM.Gateway.Anthropic;

/// <summary>POST /v1/messages and /v1/messages/count_tokens, Anthropic's API.</summary>
internal sealed class MessagesEndpoint(BodyReader bodies, ModelCatalog models, GenerationRunner runner)
{
    public async Task CreateAsync(HttpContext context)
    {
        MessagesRequest request = await bodies.ReadAsync(context, MessagesParser.Parse);
        ServedModel model = await models.ResolveAsync(request.Parameters.Model);
        (ImmutableArray<int> tokens, AnswerReading reading) = ChatEncoder.Encode(model, request.Prompt, request.Parameters.Format);
        string id = "msg_" + Guid.NewGuid().ToString("N");
        GenerationParameters parameters = KeyUse.Apply(context, request.Parameters);
        await runner.RunAsync(model, parameters, [tokens], reading, context.RequestAborted, session => parameters.Stream
            ? new MessageStream(context.Response, id, model.Card.Name, reading).WriteAsync(session)
            : new MessageAnswer(context.Response, id, model.Card.Name, reading).WriteAsync(session));
    }

    public async Task CountAsync(HttpContext context)
    {
        (string? name, ChatPrompt prompt) = await bodies.ReadAsync(context, (body, options) =>
            (body.Text("model", GenerationParser.MaxModelNameLength), MessagesParser.ParsePrompt(body, options)));
        ServedModel model = await models.ResolveAsync(name);
        int count = ChatEncoder.Encode(model, prompt).Tokens.Length;
        await JsonAnswer.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("input_tokens", count);
            json.WriteEndObject();
        });
    }
}
