namespace XLLM.Gateway.Structure;

/// <summary>Why a schema, pattern or grammar cannot be kept.</summary>
/// <param name="Pointer">The part at fault, an RFC 6901 pointer with a leading <c>#</c>.</param>
/// <param name="Reason">A sentence without its full stop.</param>
internal sealed record StructureRefusal(string Pointer, string Reason);
