namespace XLLM.Compat.Tests.Wire;

[GenerateSerializer, Alias("compat.Known")]
public sealed class KnownException(string message) : Exception(message);
