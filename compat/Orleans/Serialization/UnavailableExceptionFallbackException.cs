namespace Orleans.Serialization;

/// <summary>Stands for an exception whose type is not known here.</summary>
[GenerateSerializer]
public sealed class UnavailableExceptionFallbackException : Exception
{
    public UnavailableExceptionFallbackException()
    {
    }

    public UnavailableExceptionFallbackException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Name of the type that the exception had where it was thrown.</summary>
    [Id(0)]
    public string? ExceptionType { get; internal set; }

    /// <summary>Its further values by name.</summary>
    [Id(1)]
    public Dictionary<string, object?> Properties { get; private set; } = [];

    public override string ToString() => string.IsNullOrWhiteSpace(ExceptionType)
        ? $"Unknown exception: {base.ToString()}"
        : $"Unknown exception of type {ExceptionType}: {base.ToString()}";

    internal static UnavailableExceptionFallbackException Read(ByteReader reader, WireKind kind, WireFlags flags, string typeName)
    {
        // Without members: those of the unknown type mean nothing to this one.
        var codec = new ExceptionCodec<UnavailableExceptionFallbackException>(null);
        var exception = (UnavailableExceptionFallbackException)codec.ReadBodyBoxed(reader, kind, flags);
        exception.ExceptionType = typeName;
        return exception;
    }
}
