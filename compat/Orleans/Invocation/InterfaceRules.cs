using System.Reflection;

namespace Orleans.Runtime;

/// <summary>What Orleans' analyzers (ORLEANS0002, 0008, 0009, 0011) refuse in grain interfaces, refused at start.</summary>
internal static class InterfaceRules
{
    public static bool IsGrainInterface(Type type) =>
        type.IsInterface && typeof(IAddressable).IsAssignableFrom(type) && !Bases.Contains(type);

    /// <summary>The methods to be called remotely: the interface's own and its bases', in a stable order.</summary>
    public static IEnumerable<MethodInfo> MethodsOf(Type type) => type.GetInterfaces()
        .OrderBy(i => i.FullName, StringComparer.Ordinal)
        .Append(type)
        .SelectMany(i => i.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance))
        .Where(m => m.IsAbstract && !m.IsStatic);

    public static void Check(Type type)
    {
        var faults = new List<string>();
        if (type.ContainsGenericParameters)
        {
            faults.Add("is an open generic type");
        }

        foreach (var i in type.GetInterfaces().Append(type))
        {
            faults.AddRange(i.GetProperties().Where(p => (p.GetMethod ?? p.SetMethod) is { IsStatic: false, IsAbstract: true })
                .Select(p => $"has a property '{p.Name}'; only methods can be called remotely (ORLEANS0008)"));
        }

        foreach (var method in MethodsOf(type).Where(m => !m.IsSpecialName))
        {
            if (method.GetParameters().Any(p => p.ParameterType.IsByRef))
            {
                faults.Add($"method '{method.Name}' has a ref, in or out parameter (ORLEANS0002)");
            }

            if (KindOf(method.ReturnType) is null)
            {
                faults.Add($"method '{method.Name}' returns {method.ReturnType}; it must return Task, Task<T>, ValueTask, "
                    + "ValueTask<T>, IAsyncEnumerable<T> or void (ORLEANS0009)");
            }

            if (method.IsGenericMethodDefinition)
            {
                faults.Add($"method '{method.Name}' is generic, which the stand-in does not support");
            }

            if (method.GetParameters().Count(p => p.ParameterType == typeof(CancellationToken)) > 1)
            {
                faults.Add($"method '{method.Name}' has more than one CancellationToken");
            }
        }

        if (faults.Count > 0)
        {
            throw new OrleansConfigurationException($"Grain interface {type} cannot be used: it {string.Join("; it ", faults)}.");
        }
    }

    public static ReturnKind? KindOf(Type type)
    {
        if (type == typeof(void))
        {
            return ReturnKind.Void;
        }

        if (type == typeof(Task))
        {
            return ReturnKind.Task;
        }

        if (type == typeof(ValueTask))
        {
            return ReturnKind.ValueTask;
        }

        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        return definition == typeof(Task<>) ? ReturnKind.TaskOf
            : definition == typeof(ValueTask<>) ? ReturnKind.ValueTaskOf
            : definition == typeof(IAsyncEnumerable<>) ? ReturnKind.AsyncEnumerable
            : null;
    }

    private static readonly HashSet<Type> Bases =
    [
        typeof(IAddressable), typeof(IGrain), typeof(IGrainObserver), typeof(IGrainExtension), typeof(ISystemTarget),
        typeof(IGrainWithStringKey), typeof(IGrainWithIntegerKey), typeof(IGrainWithGuidKey),
    ];
}
