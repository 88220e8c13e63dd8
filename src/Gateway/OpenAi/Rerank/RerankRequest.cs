using System.Collections.Immutable;
using XLLM.Gateway.Generation;

namespace XLLM.Gateway.OpenAi.Rerank;

/// <summary>Documents to be ordered by what they have to do with a query.</summary>
/// <param name="Parameters">Model, salt and key.</param>
/// <param name="Query">The query.</param>
/// <param name="Documents">At least one.</param>
/// <param name="Top">Best documents to answer.</param>
/// <param name="ReturnsDocuments">The answer has their texts.</param>
internal sealed record RerankRequest(
    GenerationParameters Parameters, string Query, ImmutableArray<string> Documents, int Top, bool ReturnsDocuments);
