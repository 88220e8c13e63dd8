namespace Orleans.Serialization;

/// <summary>A type is not serialisable.</summary>
[GenerateSerializer]
public sealed class CodecNotFoundException(string message) : SerializerException(message);
