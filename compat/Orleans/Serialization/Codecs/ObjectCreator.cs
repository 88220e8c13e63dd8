using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

internal static class ObjectCreator
{
    /// <summary>
    /// The parameterless constructor, so that members missing on the wire keep their initial values; else bare memory.
    /// </summary>
    public static Func<T> For<T>()
        where T : class
    {
        var constructor = typeof(T).GetConstructor(
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, Type.EmptyTypes);
        return constructor is not null
            ? Expression.Lambda<Func<T>>(Expression.New(constructor)).Compile()
            : () => (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
    }
}
