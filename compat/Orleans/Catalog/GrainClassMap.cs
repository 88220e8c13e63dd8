namespace Orleans.Runtime;

/// <summary>Grain classes by grain type, and which of them implements an interface. Checks all grain interfaces.</summary>
internal sealed class GrainClassMap
{
    private readonly Dictionary<GrainType, GrainClass> _classes = [];
    private readonly Dictionary<Type, List<GrainClass>> _byInterface = [];

    public GrainClassMap(IServiceProvider services)
    {
        foreach (var type in ApplicationParts.Types.Where(IsGrainClass))
        {
            var grainClass = new GrainClass(type, services);
            if (!_classes.TryAdd(grainClass.GrainType, grainClass))
            {
                throw new OrleansConfigurationException(
                    $"Grain classes {type} and {_classes[grainClass.GrainType].Type} have the same grain type "
                    + $"'{grainClass.GrainType}'. Give one of them a [GrainType].");
            }

            foreach (var i in grainClass.Interfaces)
            {
                InterfaceTable.Get(i);
                if (!_byInterface.TryGetValue(i, out var implementations))
                {
                    _byInterface.Add(i, implementations = []);
                }

                implementations.Add(grainClass);
            }
        }
    }

    /// <summary>The class, or null.</summary>
    public GrainClass? Find(GrainType type) => _classes.GetValueOrDefault(type);

    /// <summary>
    /// The grain type that <paramref name="type"/> refers to. Throws when none, or no single one, implements it.
    /// </summary>
    public GrainType Resolve(Type type, string? classNamePrefix)
    {
        var candidates = _byInterface.GetValueOrDefault(type) ?? [];
        if (!string.IsNullOrEmpty(classNamePrefix))
        {
            candidates = [.. candidates.Where(c =>
                c.Type.FullName!.StartsWith(classNamePrefix, StringComparison.Ordinal)
                || c.GrainType.ToString() == classNamePrefix)];
        }

        if (candidates.Count > 1 && candidates.Find(c => "I" + c.Type.Name == type.Name) is { } sameName)
        {
            return sameName.GrainType;
        }

        return candidates.Count switch
        {
            1 => candidates[0].GrainType,
            0 => throw new ArgumentException($"Could not find an implementation for interface {type}."),
            _ => throw new ArgumentException(
                $"Unable to identify a single appropriate grain type for interface {type}. Candidates: "
                + string.Join(", ", candidates.Select(c => c.GrainType))),
        };
    }

    private static bool IsGrainClass(Type type) =>
        type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
        && typeof(IGrainBase).IsAssignableFrom(type)
        && Array.Exists(type.GetInterfaces(), typeof(IGrain).IsAssignableFrom);
}
