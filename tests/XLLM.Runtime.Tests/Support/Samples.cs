using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace XLLM.Runtime.Tests.Support;

/// <summary>Values of any contract type with every member set to something that is not its default.</summary>
public sealed class Samples
{
    private const int MaxNesting = 2;

    private readonly Stack<Type> _open = [];
    private int _last;

    public static IEnumerable<Type> ContractTypes => typeof(Contracts.Ids.RequestId).Assembly.GetTypes()
        .Where(t => t.IsDefined(typeof(GenerateSerializerAttribute), false))
        .OrderBy(t => t.FullName, StringComparer.Ordinal);

    public object Create(Type type)
    {
        var next = ++_last;
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Create(inner);
        }

        if (type.IsEnum)
        {
            var values = Enum.GetValues(type);
            return values.GetValue(1 + (next % (values.Length - 1)))!;
        }

        if (type == typeof(string))
        {
            return $"text {next} \u00e4\U0001F600";
        }

        if (type == typeof(bool))
        {
            return true;
        }

        if (type == typeof(DateTimeOffset))
        {
            return new DateTimeOffset(2026, 1, 1, 12, 30, 15, next, TimeSpan.FromHours(2));
        }

        if (type == typeof(TimeSpan))
        {
            return TimeSpan.FromMilliseconds(next + 0.5);
        }

        if (type.IsPrimitive)
        {
            return Convert.ChangeType(next, type);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
        {
            return Array(type.GetGenericArguments()[0]);
        }

        return Compose(type);
    }

    private object Array(Type element)
    {
        // A type that contains itself ends somewhere.
        var length = _open.Count(t => t == element) < MaxNesting ? 3 : 0;
        var array = System.Array.CreateInstance(element, length);
        for (var i = 0; i < array.Length; i++)
        {
            array.SetValue(Create(element), i);
        }

        return typeof(Samples).GetMethod(nameof(Freeze), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(element).Invoke(null, [array])!;
    }

    private static ImmutableArray<T> Freeze<T>(T[] values) => [.. values];

    private object Compose(Type type)
    {
        if (!type.IsDefined(typeof(GenerateSerializerAttribute), false))
        {
            throw new NotSupportedException($"No sample of {type} is known; add one here.");
        }

        var value = RuntimeHelpers.GetUninitializedObject(type);
        _open.Push(type);
        foreach (var property in type.GetProperties().Where(p => p.IsDefined(typeof(IdAttribute))))
        {
            property.SetValue(value, Create(property.PropertyType));
        }

        _open.Pop();
        return value;
    }
}
