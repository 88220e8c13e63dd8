namespace Orleans.Runtime;

/// <summary>Ends the process when the silo must not go on.</summary>
public interface IFatalErrorHandler
{
    bool IsUnexpected(Exception exception);

    void OnFatalException(object? sender = null, string? context = null, Exception? exception = null);
}
