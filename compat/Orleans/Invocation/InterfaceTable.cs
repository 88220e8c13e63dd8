using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>Grain, observer and extension interfaces by type and by name.</summary>
internal static class InterfaceTable
{
    private static readonly ConcurrentDictionary<Type, InterfaceDescriptor> Descriptors = new();
    private static readonly ConcurrentDictionary<string, InterfaceDescriptor> Names = new(StringComparer.Ordinal);

    /// <summary>Throws <see cref="OrleansConfigurationException"/> when the interface cannot be called remotely.</summary>
    public static InterfaceDescriptor Get(Type type) => Descriptors.GetOrAdd(type, static t =>
    {
        if (!t.IsInterface || !typeof(IAddressable).IsAssignableFrom(t))
        {
            throw new ArgumentException($"{t} is not a grain, observer or extension interface.");
        }

        return InterfaceDescriptor.Create(t);
    });

    /// <summary>The interface of this wire name, or null.</summary>
    public static InterfaceDescriptor? Find(string name)
    {
        if (Names.TryGetValue(name, out var known))
        {
            return known;
        }

        var type = ApplicationParts.Types.FirstOrDefault(t =>
            t.IsInterface && typeof(IAddressable).IsAssignableFrom(t) && !t.ContainsGenericParameters
                && WireNames.OfInterface(t) == name);
        return type is null ? null : Names.GetOrAdd(name, Get(type));
    }
}
