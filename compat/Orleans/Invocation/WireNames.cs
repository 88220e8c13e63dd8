using System.Reflection;

namespace Orleans.Runtime;

/// <summary>Names of interfaces and methods on the wire.</summary>
internal static class WireNames
{
    public static string OfInterface(Type type) =>
        type.GetCustomAttribute<AliasAttribute>()?.Alias ?? type.FullName ?? type.Name;

    /// <summary>The alias, or name and parameter types, so that overloads differ.</summary>
    public static string OfMethod(MethodInfo method) =>
        method.GetCustomAttribute<AliasAttribute>()?.Alias
        ?? $"{method.Name}({string.Join(',', method.GetParameters().Select(p => p.ParameterType.ToString()))})";
}
