using XLLM.Gateway.Generation;
using XLLM.Gateway.Models;

namespace XLLM.Gateway.OpenAi;

/// <summary>What all events of an answer share.</summary>
/// <param name="Id">e.g. <c>chatcmpl-...</c>.</param>
/// <param name="Created">Seconds since 1970.</param>
/// <param name="Model">The model that answers.</param>
/// <param name="Parameters">What was asked for.</param>
internal sealed record AnswerHead(string Id, long Created, ServedModel Model, GenerationParameters Parameters);
