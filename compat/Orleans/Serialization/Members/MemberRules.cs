using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>
/// The serialised members of one inheritance level of a [GenerateSerializer] type, and what Orleans' analyzers (ORLEANS0004,
/// 0012) refuse in them.
/// </summary>
internal static class MemberRules
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>
    /// Levels from the base down. A positional record has two: its constructor parameters, then its other members. Throws
    /// <see cref="OrleansConfigurationException"/> with all faults.
    /// </summary>
    public static List<List<MemberAccess>> LevelsOf(Type type)
    {
        var levels = new List<List<MemberAccess>>();
        var faults = new List<string>();
        foreach (var level in Chain(type))
        {
            var fields = level.GetFields(Declared).ToList();
            var properties = level.GetProperties(Declared).Where(p => p.GetIndexParameters().Length == 0).ToList();
            var positional = PositionalOf(level, properties, fields);
            if (positional.Count > 0)
            {
                levels.Add(positional);
            }

            var members = new List<MemberAccess>();
            foreach (var property in properties)
            {
                var backing = fields.Find(f => f.Name == $"<{property.Name}>k__BackingField");
                fields.Remove(backing!);
                if (property.GetCustomAttribute<IdAttribute>() is { } id)
                {
                    Add(members, new MemberAccess(id.Id, property.Name, property.PropertyType, backing, property), faults, level);
                }
                else if (backing is not null && !IsLeftOut(backing, property) && positional.All(p => p.Name != property.Name))
                {
                    faults.Add($"{level}.{property.Name} has no [Id] (ORLEANS0004)");
                }
            }

            foreach (var field in fields)
            {
                if (field.GetCustomAttribute<IdAttribute>() is { } id)
                {
                    Add(members, new MemberAccess(id.Id, field.Name, field.FieldType, field, null), faults, level);
                }
                else if (!IsLeftOut(field, null) && positional.All(p => p.Field != field))
                {
                    faults.Add($"{level}.{field.Name} has neither [Id] nor [NonSerialized] (ORLEANS0004)");
                }
            }

            members.Sort((a, b) => a.Id.CompareTo(b.Id));
            levels.Add(members);
        }

        return faults.Count == 0
            ? levels
            : throw new OrleansConfigurationException($"Type {type} cannot be serialised: {string.Join("; ", faults)}.");
    }

    /// <summary>All fields of a tuple in their order.</summary>
    public static List<List<MemberAccess>> FieldsOf(Type type) =>
    [
        [.. type.GetFields(Declared).OrderBy(f => f.MetadataToken)
            .Select((f, i) => new MemberAccess((uint)i, f.Name, f.FieldType, f, null))],
    ];

    private static IEnumerable<Type> Chain(Type type)
    {
        var chain = new Stack<Type>();
        for (var t = type; t is not null && t != typeof(object) && t != typeof(ValueType)
            && t != typeof(Exception); t = t.BaseType)
        {
            if (t.IsDefined(typeof(GenerateSerializerAttribute), false))
            {
                chain.Push(t);
            }
            else if (t.GetFields(Declared).Length > 0 && !IsFrameworkException(t))
            {
                throw new OrleansConfigurationException(
                    $"Type {type} cannot be serialised: its base {t} has state but no [GenerateSerializer].");
            }
        }

        return chain;
    }

    private static bool IsFrameworkException(Type type) =>
        typeof(Exception).IsAssignableFrom(type) && (type.Namespace ?? "").StartsWith("System", StringComparison.Ordinal);

    private static List<MemberAccess> PositionalOf(Type type, List<PropertyInfo> properties, List<FieldInfo> fields)
    {
        var settings = type.GetCustomAttribute<GenerateSerializerAttribute>();
        var deconstruct = type.GetMethods(Declared)
            .FirstOrDefault(m => m.Name == "Deconstruct" && m.IsDefined(typeof(CompilerGeneratedAttribute)));
        if (settings is not { IncludePrimaryConstructorParameters: true } || deconstruct is null)
        {
            return [];
        }

        var result = new List<MemberAccess>();
        var index = 0u;
        foreach (var parameter in deconstruct.GetParameters())
        {
            var property = properties.Find(p => p.Name == parameter.Name);
            if (property is not null && !property.IsDefined(typeof(IdAttribute)))
            {
                var backing = fields.Find(f => f.Name == $"<{property.Name}>k__BackingField");
                result.Add(new MemberAccess(index, property.Name, property.PropertyType, backing, property));
            }

            index++;
        }

        return result;
    }

    private static bool IsLeftOut(FieldInfo field, PropertyInfo? property) =>
#pragma warning disable SYSLIB0050 // The flag is what [NonSerialized] sets.
        field.IsNotSerialized
#pragma warning restore SYSLIB0050
        || field.IsDefined(typeof(NonSerializedAttribute))
        || (property?.Name == "EqualityContract");

    private static void Add(List<MemberAccess> members, MemberAccess member, List<string> faults, Type level)
    {
        if (members.Find(m => m.Id == member.Id) is { } other)
        {
            faults.Add($"{level}.{member.Name} and {level}.{other.Name} have the same id {member.Id} (ORLEANS0012)");
        }

        if (member.Field is null && (member.Property!.GetMethod is null || member.Property.SetMethod is null))
        {
            faults.Add($"{level}.{member.Name} has an [Id] but can not be both read and set");
        }

        members.Add(member);
    }
}
