using System.Reflection;

namespace Orleans.Runtime;

/// <summary>The types of all assemblies that use Orleans: those loaded, and those they refer to.</summary>
internal static class ApplicationParts
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<Assembly> Known = [];
    private static readonly List<Type> AllTypes = [];
    private static int _loaded = -1;

    /// <summary>All types. Looks again when more assemblies have been loaded.</summary>
    public static IReadOnlyList<Type> Types
    {
        get
        {
            lock (Gate)
            {
                var assemblies = AppDomain.CurrentDomain.GetAssemblies();
                if (assemblies.Length != _loaded)
                {
                    foreach (var assembly in assemblies)
                    {
                        Visit(assembly);
                    }

                    _loaded = AppDomain.CurrentDomain.GetAssemblies().Length;
                }

                return [.. AllTypes];
            }
        }
    }

    private static void Visit(Assembly assembly)
    {
        if (assembly.IsDynamic || IsForeign(assembly.GetName().Name ?? "") || !Known.Add(assembly))
        {
            return;
        }

        var self = typeof(ApplicationParts).Assembly;
        var references = assembly.GetReferencedAssemblies();
        if (assembly == self || references.Any(r => r.Name == self.GetName().Name))
        {
            AllTypes.AddRange(TypesOf(assembly));
        }

        foreach (var reference in references.Where(r => !IsForeign(r.Name ?? "")))
        {
            if (TryLoad(reference) is { } loaded)
            {
                Visit(loaded);
            }
        }
    }

    private static bool IsForeign(string name) =>
        name is "mscorlib" or "netstandard" or "System" || name.StartsWith("System.", StringComparison.Ordinal)
        || name.StartsWith("Microsoft.", StringComparison.Ordinal) || name.StartsWith("xunit.", StringComparison.Ordinal);

    private static Assembly? TryLoad(AssemblyName name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            // A reference that is not deployed: nothing of it can be a part.
            return null;
        }
    }

    private static Type[] TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            return [.. e.Types.OfType<Type>()];
        }
    }
}
