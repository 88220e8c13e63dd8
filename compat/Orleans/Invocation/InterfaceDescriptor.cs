namespace Orleans.Runtime;

/// <summary>A grain or observer interface: its wire name, its methods and those of its bases, and its proxy class.</summary>
internal sealed class InterfaceDescriptor
{
    private readonly Dictionary<string, MethodDescriptor> _byId = new(StringComparer.Ordinal);
    private readonly Lazy<Func<INodeRuntime, InterfaceDescriptor, GrainId, GrainReference>> _proxy;

    private InterfaceDescriptor(Type type)
    {
        Type = type;
        Name = GrainInterfaceType.Create(WireNames.OfInterface(type));
        Methods = InterfaceRules.MethodsOf(type).Select((m, i) => new MethodDescriptor(this, m, i)).ToArray();
        foreach (var method in Methods)
        {
            if (!_byId.TryAdd(method.Id, method))
            {
                throw new OrleansConfigurationException(
                    $"Grain interface {type}: methods '{_byId[method.Id].Method}' and '{method.Method}' have the same name "
                    + $"'{method.Id}' on the wire. Give each a different [Alias].");
            }
        }

        _proxy = new(() => ProxyEmitter.Emit(this));
    }

    public Type Type { get; }

    public GrainInterfaceType Name { get; }

    public MethodDescriptor[] Methods { get; }

    public static InterfaceDescriptor Create(Type type)
    {
        InterfaceRules.Check(type);
        return new InterfaceDescriptor(type);
    }

    public MethodDescriptor? Find(string id) => _byId.GetValueOrDefault(id);

    public GrainReference CreateReference(INodeRuntime runtime, GrainId id) => _proxy.Value(runtime, this, id);
}
