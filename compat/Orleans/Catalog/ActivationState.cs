namespace Orleans.Runtime;

internal enum ActivationState
{
    /// <summary>Being registered, made and started; requests wait.</summary>
    Starting,
    Valid,

    /// <summary>Requests wait, to be sent on.</summary>
    Deactivating,

    /// <summary>Ended.</summary>
    Invalid,
}
