namespace Orleans.Runtime;

internal enum MessageKind : byte
{
    Request,
    OneWay,
    Response,

    /// <summary>The caller of a request with a cancellation token has given up.</summary>
    Cancel,
}
