namespace XLLM.Runtime.Tests.Grains;

/// <summary>An exception that is not marked for travelling.</summary>
public sealed class LocalOnlyException(string message) : Exception(message);
