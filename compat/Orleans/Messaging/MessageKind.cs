namespace Orleans.Runtime;

internal enum MessageKind : byte
{
    Request,
    OneWay,
    Response,

    /// <summary>The caller of a request with a cancellation token has given up.</summary>
    Cancel,

    /// <summary>To the sender of a request: it was sent on to the silo that this message names as its sender.</summary>
    Moved,
}
