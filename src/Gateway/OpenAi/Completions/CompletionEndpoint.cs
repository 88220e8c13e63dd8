using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Keys;
using XLLM.Gateway.Models;
using XLLM.Gateway.Telemetry;

namespace XLLM.Gateway.OpenAi.Completions;

/// <summary>POST /v1/completions.</summary>
internal sealed class CompletionEndpoint(BodyReader bodies, ModelCatalog models, GenerationRunner runner)
{
    public async Task HandleAsync(HttpContext context)
    {
        CompletionRequest request = await bodies.ReadAsync(context, CompletionParser.Parse);
        ServedModel model = await models.ResolveAsync(request.Parameters.Model);
        ImmutableArray<ImmutableArray<int>> tokens;
        using (GatewayTrace.Step("text"))
        {
            tokens =
            [
                .. request.Prompts.Select(
                    p => p.Text is null ? p.Tokens : PromptEncoder.Encode(model, p.Text, request.AddSpecialTokens)),
            ];
        }

        var shape = new CompletionShape(model.Codec, request.Parameters, TextsOf(request, model));
        await runner.RunAsync(
            context,
            model,
            KeyUse.Apply(context, request.Parameters),
            tokens,
            "cmpl-",
            shape,
            AnswerReading.Of(request.Parameters.Format));
    }

    private static ImmutableArray<string> TextsOf(CompletionRequest request, ServedModel model) => request.Parameters.Echo
        ? [.. request.Prompts.Select(p => p.Text ?? model.Codec.Decode(p.Tokens, request.Parameters.SkipSpecialTokens))]
        : [];
}
