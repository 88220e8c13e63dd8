using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>The fields of exceptions that no constructor sets.</summary>
internal static class ExceptionFields
{
    public static string RawMessage(Exception exception) => Message(exception) ?? exception.Message;

    public static Exception[] Inner(Exception exception) => exception switch
    {
        AggregateException aggregate => [.. aggregate.InnerExceptions],
        { InnerException: { } inner } => [inner],
        _ => [],
    };

    public static void Restore(Exception exception, string? message, Exception[] inner, int hResult)
    {
        Message(exception) = message;
        InnerException(exception) = inner.Length > 0 ? inner[0] : null;
        exception.HResult = hResult;
        if (exception is AggregateException aggregate)
        {
            InnerExceptions(aggregate) = inner;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_message")]
    private static extern ref string? Message(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerException")]
    private static extern ref Exception? InnerException(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerExceptions")]
    private static extern ref Exception[] InnerExceptions(AggregateException exception);
}
