namespace XLLM.Engine.Transfer;

/// <summary>A prompt will not be computed to its end: it was ended, its engine stops or failed.</summary>
public sealed class KvPrefillException(string message) : Exception(message);
