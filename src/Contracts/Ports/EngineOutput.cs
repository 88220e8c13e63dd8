using System.Collections.Immutable;
using XLLM.Contracts.Requests;

namespace XLLM.Contracts.Ports;

/// <summary>The chunks one engine step made.</summary>
public sealed record EngineOutput(long Step, ImmutableArray<TokenChunk> Chunks);
