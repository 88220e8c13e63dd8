using System.Text.Json;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Generation;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.OpenAi.Embeddings;

/// <summary>What the requests that want no text have in common.</summary>
internal static class PoolingFields
{
    /// <summary>The fields of <see cref="Read"/>.</summary>
    public static GenerationParameters Read(JsonFields body) => OperationFields.Read(body, new GenerationParameters
    {
        Model = body.Text("model", GenerationParser.MaxModelNameLength),
        CacheSalt = GenerationParser.ReadSalt(body),
        MaxTokens = 1,
        Operation = "embeddings",
    });

    /// <summary>Refuses what would change the result and is not there.</summary>
    public static void Refuse(JsonFields body)
    {
        if (body.TryGet("truncate_prompt_tokens", out JsonElement _))
        {
            throw ApiException.Unsupported(
                "truncate_prompt_tokens", "'truncate_prompt_tokens' is not supported: texts are not cut; send shorter ones.");
        }
    }
}
