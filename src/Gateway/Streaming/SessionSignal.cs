using XLLM.Contracts.Requests;

namespace XLLM.Gateway.Streaming;

/// <summary>What wakes the reader of a session: a chunk, or (without one) a timer that ran out or a client that left.</summary>
internal readonly record struct SessionSignal(int Choice, TokenChunk? Chunk, SignalKind Kind);
