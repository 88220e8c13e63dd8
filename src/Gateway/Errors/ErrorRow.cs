namespace XLLM.Gateway.Errors;

/// <summary>One row of the error table (docs/errors.md).</summary>
/// <param name="Name">Name in the document: an outcome, or a refusal at the door.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Type">OpenAI's <c>error.type</c>.</param>
/// <param name="Code">OpenAI's <c>error.code</c>.</param>
/// <param name="Retry">The same request may succeed later; such an answer has a Retry-After header.</param>
internal sealed record ErrorRow(string Name, int Status, string Type, string Code, bool Retry);
