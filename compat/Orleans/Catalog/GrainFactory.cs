namespace Orleans.Runtime;

/// <summary>Makes references bound to a node.</summary>
internal sealed class GrainFactory(Node node, GrainClassMap classes) : IClusterClient
{
    public IServiceProvider ServiceProvider => node.Services;

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix)
        where TGrainInterface : IGrainWithGuidKey =>
        (TGrainInterface)(object)Create(typeof(TGrainInterface), GrainIdKeyExtensions.CreateGuidKey(primaryKey),
            grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix)
        where TGrainInterface : IGrainWithIntegerKey =>
        (TGrainInterface)(object)Create(
            typeof(TGrainInterface), GrainIdKeyExtensions.CreateIntegerKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return (TGrainInterface)(object)Create(typeof(TGrainInterface), IdSpan.Create(primaryKey), grainClassNamePrefix);
    }

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable => (TGrainInterface)(object)node.GetReference(grainId, typeof(TGrainInterface));

    public IAddressable GetGrain(GrainId grainId) => node.GetReference(
        grainId,
        ObserverIds.IsObserver(grainId) ? typeof(IGrainObserver) : classes.Find(grainId.Type)?.Interfaces[0] ?? typeof(IGrain));

    public IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType) => node.GetReference(
        grainId,
        InterfaceTable.Find(interfaceType.ToString())?.Type
            ?? throw new ArgumentException($"Grain interface '{interfaceType}' is not known.", nameof(interfaceType)));

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) =>
        (IGrain)(object)Create(grainInterfaceType, GrainIdKeyExtensions.CreateGuidKey(grainPrimaryKey), null);

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey) =>
        (IGrain)(object)Create(grainInterfaceType, GrainIdKeyExtensions.CreateIntegerKey(grainPrimaryKey), null);

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey) =>
        (IGrain)(object)Create(grainInterfaceType, IdSpan.Create(grainPrimaryKey), null);

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (obj is GrainReference)
        {
            throw new ArgumentException("Argument obj is already a grain reference.", nameof(obj));
        }

        if (obj is IGrainBase)
        {
            throw new ArgumentException("Argument must not be a grain class.", nameof(obj));
        }

        if (RuntimeContext.Current is not null)
        {
            throw new InvalidOperationException("Cannot create a local object reference from a grain.");
        }

        return (TGrainObserverInterface)(object)node.GetReference(node.Observers.Add(obj), typeof(TGrainObserverInterface));
    }

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        if (obj is not GrainReference reference)
        {
            throw new ArgumentException("Argument is not a reference made by CreateObjectReference.", nameof(obj));
        }

        node.Observers.Remove(reference.GrainId);
    }

    private GrainReference Create(Type type, IdSpan key, string? prefix) =>
        node.GetReference(GrainId.Create(classes.Resolve(type, prefix), key), type);
}
