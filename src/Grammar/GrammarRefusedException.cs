namespace XLLM.Grammar;

/// <summary>
/// A schema, pattern or grammar that cannot be kept exactly within the limits. <c>Path</c> is the JSON path (RFC 6901 pointer
/// with a leading <c>#</c>) of the part at fault, <c>Cause</c> a short name that refusals are grouped by.
/// </summary>
public sealed class GrammarRefusedException(string path, string cause, string message) : Exception($"{path}: {message}")
{
    public string Path { get; } = path;

    public string Cause { get; } = cause;
}
