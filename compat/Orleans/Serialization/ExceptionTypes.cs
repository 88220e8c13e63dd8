namespace Orleans.Serialization;

internal static class ExceptionTypes
{
    public static bool IsFrameworkName(string name) =>
        name.StartsWith("System", StringComparison.Ordinal) || name.StartsWith("Microsoft", StringComparison.Ordinal);

    /// <summary>Exceptions that travel: the framework's, and [GenerateSerializer] ones.</summary>
    public static bool Travels(Type type) =>
        typeof(Exception).IsAssignableFrom(type)
        && (type.IsDefined(typeof(GenerateSerializerAttribute), false) || IsFrameworkName(type.Namespace ?? ""));
}
