namespace XLLM.Gateway.Timelines;

/// <summary>How a request came in; a feature of its HTTP request.</summary>
/// <param name="Path">The route it came by.</param>
/// <param name="Received">Timestamp: its body began to be read.</param>
/// <param name="Parsed">Timestamp: its body was read and checked.</param>
internal sealed record RequestOrigin(string Path, long Received, long Parsed);
