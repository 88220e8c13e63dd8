using System.Collections.Immutable;
using System.Reflection;
using Orleans.Concurrency;
using Orleans.Metadata;
using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

/// <summary>What is known of a grain class.</summary>
internal sealed class GrainClass
{
    public GrainClass(Type type, IServiceProvider services)
    {
        Type = type;
        GrainType = TypeOf(type);
        Interfaces = [.. type.GetInterfaces().Where(i => InterfaceRules.IsGrainInterface(i)
            && !typeof(IGrainExtension).IsAssignableFrom(i))];
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute), true);
        MayInterleave = PredicateOf(type);
        CollectionAge = type.GetCustomAttribute<CollectionAgeLimitAttribute>()?.AgeLimit;
        var properties = new Dictionary<string, string>();
        foreach (var attribute in type.GetCustomAttributes(true).OfType<IGrainPropertiesProviderAttribute>())
        {
            attribute.Populate(services, type, GrainType, properties);
        }

        Properties = new GrainProperties(properties.ToImmutableDictionary());
    }

    public Type Type { get; }

    public GrainType GrainType { get; }

    public Type[] Interfaces { get; }

    public bool IsReentrant { get; }

    /// <summary>The class's own rule, or null.</summary>
    public Func<object, IInvokable, bool>? MayInterleave { get; }

    /// <summary>The class's own idle time, or null; infinite = never collected.</summary>
    public TimeSpan? CollectionAge { get; }

    public GrainProperties Properties { get; }

    public static GrainType TypeOf(Type type)
    {
        if (type.GetCustomAttribute<GrainTypeAttribute>() is { } attribute)
        {
            return attribute.GetGrainType(null!, type);
        }

        var name = type.Name.ToLowerInvariant();
        return GrainType.Create(name.Length > 5 && name.EndsWith("grain", StringComparison.Ordinal) ? name[..^5] : name);
    }

    private static Func<object, IInvokable, bool>? PredicateOf(Type type)
    {
        if (type.GetCustomAttribute<MayInterleaveAttribute>() is not { } attribute)
        {
            return null;
        }

        var method = type.GetMethod(
            attribute.CallbackMethodName,
            BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy,
            [typeof(IInvokable)]);
        if (method?.ReturnType != typeof(bool))
        {
            throw new OrleansConfigurationException(
                $"Class {type} names '{attribute.CallbackMethodName}' in [MayInterleave], but has no method bool "
                + $"{attribute.CallbackMethodName}(IInvokable).");
        }

        return (grain, request) => (bool)method.Invoke(method.IsStatic ? null : grain, [request])!;
    }
}
