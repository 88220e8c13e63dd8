namespace Orleans.Runtime;

/// <summary>A grain or observer seen through one interface. Proxies, made at run time, derive from it.</summary>
public class GrainReference : IAddressable, IEquatable<GrainReference>
{
    private readonly INodeRuntime _runtime;
    private readonly InterfaceDescriptor _interface;

    internal GrainReference(INodeRuntime runtime, InterfaceDescriptor interfaceDescriptor, GrainId grainId)
    {
        _runtime = runtime;
        _interface = interfaceDescriptor;
        GrainId = grainId;
    }

    public GrainId GrainId { get; }

    public GrainInterfaceType InterfaceType => _interface.Name;

    public string InterfaceName => _interface.Name.ToString();

    internal InterfaceDescriptor Interface => _interface;

    internal INodeRuntime Runtime => _runtime;

    public virtual TGrainInterface Cast<TGrainInterface>()
        where TGrainInterface : IAddressable => (TGrainInterface)(object)CastTo(typeof(TGrainInterface));

    internal GrainReference CastTo(Type interfaceType) =>
        interfaceType.IsInstanceOfType(this) ? this : _runtime.GetReference(GrainId, interfaceType);

    public uint GetUniformHashCode() => GrainId.GetUniformHashCode();

    public bool Equals(GrainReference? other) => other is not null && GrainId == other.GrainId;

    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    public override int GetHashCode() => GrainId.GetHashCode();

    public sealed override string ToString() => $"GrainReference:{GrainId}:{InterfaceType}";

    public static bool operator ==(GrainReference? reference1, GrainReference? reference2) =>
        reference1 is null ? reference2 is null : reference1.Equals(reference2);

    public static bool operator !=(GrainReference? reference1, GrainReference? reference2) => !(reference1 == reference2);

    // The four below are called by proxies, with the method's index in its interface.
    internal Task InvokeTask(int method, object?[] arguments) => InvokeTaskOf<object?>(method, arguments);

    internal Task<TResult> InvokeTaskOf<TResult>(int method, object?[] arguments)
    {
        var descriptor = _interface.Methods[method];
        if (!descriptor.IsOneWay)
        {
            return _runtime.InvokeAsync<TResult>(this, descriptor, arguments);
        }

        _runtime.InvokeOneWay(this, descriptor, arguments);
        return Task.FromResult<TResult>(default!);
    }

    internal ValueTask InvokeValueTask(int method, object?[] arguments) => new(InvokeTaskOf<object?>(method, arguments));

    internal ValueTask<TResult> InvokeValueTaskOf<TResult>(int method, object?[] arguments) =>
        new(InvokeTaskOf<TResult>(method, arguments));

    internal void InvokeVoid(int method, object?[] arguments) =>
        _runtime.InvokeOneWay(this, _interface.Methods[method], arguments);

    internal IAsyncEnumerable<TItem> InvokeEnumerable<TItem>(int method, object?[] arguments) =>
        _runtime.Enumerate<TItem>(this, _interface.Methods[method], arguments);
}
