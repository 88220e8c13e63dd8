using System.Reflection;
using System.Text;
using Orleans;
using Orleans.Runtime;

namespace XLLM.Architecture.Tests;

/// <summary>
/// Everything of Contracts that travels between silos, as text: aliases, member ids and types, grain methods. A rolling upgrade
/// depends on it, so a change has to show up as a diff of src/Contracts/Contracts.lock.txt.
/// </summary>
internal static class ContractLock
{
    public static string Describe(Assembly contracts)
    {
        StringBuilder text = new();
        foreach (Type type in contracts.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            if (type.IsInterface && typeof(IAddressable).IsAssignableFrom(type))
            {
                text.Append($"interface {Alias(type) ?? type.FullName}\n");
                foreach (MethodInfo method in type.GetMethods().Where(m => m.IsAbstract).OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    string parameters = string.Join(", ", method.GetParameters().Select(p => Name(p.ParameterType)));
                    text.Append($"  {Alias(method) ?? method.Name}({parameters}) -> {Name(method.ReturnType)}\n");
                }
            }
            else if (type.IsEnum)
            {
                text.Append($"enum {type.Name}: ");
                text.AppendJoin(", ", Enum.GetNames(type).Select(n => $"{n}={Convert.ToInt64(Enum.Parse(type, n))}")).Append('\n');
            }
            else if (type.GetCustomAttribute<GenerateSerializerAttribute>() is not null)
            {
                text.Append($"type {Alias(type) ?? type.FullName}\n");
                foreach ((uint id, string line) in Members(type).OrderBy(m => m.Id))
                {
                    text.Append($"  {id} {line}\n");
                }
            }
        }

        return text.ToString();
    }

    private static IEnumerable<(uint Id, string Line)> Members(Type type) =>
        from member in type.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        let id = member.GetCustomAttribute<IdAttribute>()
        where id is not null
        let memberType = member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType
        select (id.Id, $"{member.Name}: {Name(memberType)}");

    private static string? Alias(MemberInfo member) => member.GetCustomAttribute<AliasAttribute>()?.Alias;

    private static string Name(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.IsArray ? Name(type.GetElementType()!) + "[]" : type.Name;
}
