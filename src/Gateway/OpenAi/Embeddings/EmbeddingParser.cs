using System.Collections.Immutable;
using System.Text.Json;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Generation;
using XLLM.Gateway.OpenAi.Completions;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.OpenAi.Embeddings;

/// <summary>JSON to <see cref="EmbeddingRequest"/>: OpenAI's fields, and vLLM's that the result depends on.</summary>
internal static class EmbeddingParser
{
    private const int MaxUserLength = 512;
    private const int MaxFormatLength = 16;

    public static EmbeddingRequest Parse(JsonFields body, GatewayOptions options)
    {
        PoolingFields.Refuse(body);
        string format = body.Text("encoding_format", MaxFormatLength) ?? "float";
        if (format is not ("float" or "base64"))
        {
            throw ApiException.Invalid("encoding_format", $"'encoding_format' is '{format}'; it must be 'float' or 'base64'.");
        }

        _ = body.Text("user", MaxUserLength);
        return new EmbeddingRequest(PoolingFields.Read(body), PromptInput.ReadAll(body.Required("input"), "input", options.MaxEmbeddingInputs))
        {
            Dimensions = body.Int32("dimensions", 1, GenerationParser.AnyTokenCount),
            IsBase64 = format == "base64",
            IsNormalised = body.Flag("normalize", absent: true),
            AddSpecialTokens = body.Flag("add_special_tokens", absent: true),
        };
    }
}
