namespace Orleans.Serialization;

/// <summary>Stands for an exception whose type is not known here, or does not travel.</summary>
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
    public string? ExceptionType { get; internal set; }

    /// <summary>Its further values by name.</summary>
    public Dictionary<string, object?> Properties { get; } = [];

    public override string ToString() =>
        string.IsNullOrWhiteSpace(ExceptionType) ? $"Unknown exception: {base.ToString()}" : $"Unknown exception of type {ExceptionType}: {base.ToString()}";
}
