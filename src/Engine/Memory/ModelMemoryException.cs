namespace XLLM.Engine.Memory;

/// <summary>
/// A model, or the KV pool asked for, does not fit into memory. The message has what is needed and what there is.
/// </summary>
public sealed class ModelMemoryException(string message) : Exception(message);
