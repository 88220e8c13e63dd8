using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>
/// Types by name on the wire: alias, short name, or full name; <c>Name&lt;A,B&gt;</c> and <c>Name[]</c>. Only serialisable
/// types have names, so that a peer cannot make us load anything else.
/// </summary>
internal static class TypeNames
{
    private const int MaxLength = 2048;
    private static readonly ConcurrentDictionary<Type, string> Names = new();
    private static readonly ConcurrentDictionary<string, Type> Parsed = new(StringComparer.Ordinal);
    private static readonly Lock Gate = new();
    private static Dictionary<string, Type> _registered = new(StringComparer.Ordinal);
    private static int _scanned;

    public static string Format(Type type) => Names.GetOrAdd(type, static t =>
    {
        if (typeof(GrainReference).IsAssignableFrom(t))
        {
            return "GrainRef";
        }

        if (t.IsArray)
        {
            return Format(t.GetElementType()!) + "[]";
        }

        if (!t.IsConstructedGenericType)
        {
            return Simple(t);
        }

        return $"{Simple(t.GetGenericTypeDefinition())}<{string.Join(',', t.GetGenericArguments().Select(Format))}>";
    });

    /// <summary>The type, or null when the name is unknown or malformed.</summary>
    public static Type? TryParse(string name)
    {
        if (Parsed.TryGetValue(name, out var known))
        {
            return known;
        }

        if (name.Length > MaxLength)
        {
            return null;
        }

        var position = 0;
        var type = Parse(name, ref position, 0);
        if (type is null || position != name.Length || !CodecTable.IsSerializable(type))
        {
            return null;
        }

        Parsed[name] = type;
        return type;
    }

    private static string Simple(Type type)
    {
        var alias = type.GetCustomAttributes<AliasAttribute>(false).FirstOrDefault()?.Alias;
        return alias ?? (BuiltIn.ByType.TryGetValue(type, out var name) ? name : type.FullName ?? type.Name);
    }

    private static Type? Parse(string text, ref int position, int depth)
    {
        if (depth > 16)
        {
            return null;
        }

        var start = position;
        while (position < text.Length && text[position] is not ('<' or '>' or ',' or '['))
        {
            position++;
        }

        var type = Find(text[start..position]);
        if (type is not null && type.IsGenericTypeDefinition)
        {
            type = ParseArguments(type, text, ref position, depth);
        }

        while (type is not null && position + 1 < text.Length && text[position] == '[' && text[position + 1] == ']')
        {
            position += 2;
            type = type.MakeArrayType();
        }

        return type;
    }

    private static Type? ParseArguments(Type definition, string text, ref int position, int depth)
    {
        var arguments = new List<Type>();
        var end = '<';
        while (end is '<' or ',')
        {
            if (position >= text.Length || text[position] != end)
            {
                return null;
            }

            position++;
            if (Parse(text, ref position, depth + 1) is not { } argument)
            {
                return null;
            }

            arguments.Add(argument);
            end = position < text.Length && text[position] == ',' ? ',' : '>';
        }

        if (position >= text.Length || text[position++] != '>' || arguments.Count != definition.GetGenericArguments().Length)
        {
            return null;
        }

        try
        {
            return definition.MakeGenericType([.. arguments]);
        }
        catch (ArgumentException)
        {
            // A constraint is not met.
            return null;
        }
    }

    private static Type? Find(string name) =>
        BuiltIn.ByName.TryGetValue(name, out var type) || Registered().TryGetValue(name, out type)
            ? type
            : FrameworkException(name);

    private static Dictionary<string, Type> Registered()
    {
        var types = ApplicationParts.Types;
        if (Volatile.Read(ref _scanned) == types.Count)
        {
            return _registered;
        }

        lock (Gate)
        {
            var registered = new Dictionary<string, Type>(StringComparer.Ordinal);
            foreach (var type in types.Where(t => t.IsEnum || t.IsDefined(typeof(GenerateSerializerAttribute), false)))
            {
                foreach (var name in type.GetCustomAttributes<AliasAttribute>(false).Select(a => a.Alias)
                    .Append(type.FullName ?? type.Name).Distinct())
                {
                    if (!registered.TryAdd(name, type) && registered[name] != type)
                    {
                        throw new OrleansConfigurationException(
                            $"Types {type} and {registered[name]} have the same name '{name}' on the wire (ORLEANS0011).");
                    }
                }
            }

            _registered = registered;
            Volatile.Write(ref _scanned, types.Count);
            return registered;
        }
    }

    private static Type? FrameworkException(string name)
    {
        if (!ExceptionTypes.IsFrameworkName(name))
        {
            return null;
        }

        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            if (!assembly.IsDynamic && ExceptionTypes.IsFrameworkName(assembly.GetName().Name ?? "")
                && assembly.GetType(name, false) is { } type && typeof(Exception).IsAssignableFrom(type))
            {
                return type;
            }
        }

        return null;
    }
}
