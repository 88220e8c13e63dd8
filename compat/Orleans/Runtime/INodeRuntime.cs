namespace Orleans.Runtime;

/// <summary>
/// The node (silo or client) that references are bound to: it makes references and sends their calls. Any thread.
/// </summary>
internal interface INodeRuntime
{
    IServiceProvider Services { get; }

    GrainReference GetReference(GrainId id, Type interfaceType);

    Task<TResult> InvokeAsync<TResult>(GrainReference target, MethodDescriptor method, object?[] arguments);

    void InvokeOneWay(GrainReference target, MethodDescriptor method, object?[] arguments);

    IAsyncEnumerable<TItem> Enumerate<TItem>(GrainReference target, MethodDescriptor method, object?[] arguments);
}
