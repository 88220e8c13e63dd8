using System.Runtime.CompilerServices;

namespace Orleans.Storage;

internal static class StateActivator
{
    /// <summary>A fresh state: by its parameterless constructor when it has one.</summary>
    public static T Create<T>()
    {
        if (typeof(T).IsValueType || typeof(T) == typeof(string) || typeof(T).IsArray)
        {
            return default!;
        }

        return typeof(T).GetConstructor(Type.EmptyTypes) is not null
            ? Activator.CreateInstance<T>()
            : (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
    }
}
