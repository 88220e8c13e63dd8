using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Models;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.OpenAi.Tokens;

/// <summary>POST /tokenize, in vLLM's shape: a <c>prompt</c> or <c>messages</c> to tokens.</summary>
internal sealed class TokenizeEndpoint(BodyReader bodies, ModelCatalog models)
{
    public async Task HandleAsync(HttpContext context)
    {
        (string? name, string? text, ChatPrompt? chat, bool special, bool strings) = await bodies.ReadAsync(
            context,
            (body, options) =>
            {
                bool isChat = body.TryGet("messages", out _);
                if (isChat == body.TryGet("prompt", out _))
                {
                    throw ApiException.Invalid("prompt", "Either 'prompt' or 'messages' is required, not both.");
                }

                return (
                    body.Text("model", GenerationParser.MaxModelNameLength),
                    body.Text("prompt", int.MaxValue),
                    isChat ? ChatPromptParser.Parse(body, options.MaxMessages) : null,
                    body.Flag("add_special_tokens", absent: !isChat),
                    body.Flag("return_token_strs"));
            });
        ServedModel model = await models.ResolveAsync(name);
        ImmutableArray<int> tokens = chat is null
            ? PromptEncoder.Encode(model, text!, special)
            : PromptEncoder.Encode(model, chat);
        await JsonAnswer.WriteAsync(context.Response, json => Write(json, model, tokens, strings));
    }

    private static void Write(Utf8JsonWriter json, ServedModel model, ImmutableArray<int> tokens, bool strings)
    {
        json.WriteStartObject();
        json.WriteNumber("count", tokens.Length);
        json.WriteNumber("max_model_len", model.Card.ContextLength);
        json.WriteStartArray("tokens");
        foreach (int token in tokens)
        {
            json.WriteNumberValue(token);
        }

        json.WriteEndArray();
        if (strings)
        {
            json.WriteStartArray("token_strs");
            foreach (int token in tokens)
            {
                json.WriteStringValue(TokenTexts.Show(model.Codec.BytesOf(token)));
            }

            json.WriteEndArray();
        }
        else
        {
            json.WriteNull("token_strs");
        }

        json.WriteEndObject();
    }
}
