using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace XLLM.Contracts.Configuration;

/// <summary>
/// Makes an options object from configuration keys and finds everything that is wrong at once: keys no option has, values that
/// do not parse, values outside their <see cref="ValidationAttribute"/>s. Only the BCL is needed: pass the pairs of a section
/// with relative paths (<c>section.AsEnumerable(makePathsRelative: true)</c>); parts of a key are separated by ':'.
/// </summary>
/// <remarks>
/// Bound are public settable properties of these types: string, bool, whole and floating numbers, enums,
/// <see cref="TimeSpan"/>, their nullable forms, lists of them or of option classes, dictionaries with string keys, and nested
/// option classes (classes with a parameterless constructor). Names are compared without case. Values are read with the
/// invariant culture.
/// </remarks>
public static class StrictOptions
{
    /// <summary>Binds pairs to a new <typeparamref name="T"/>; <paramref name="section"/> names the place in error texts.</summary>
    public static OptionsResult<T> Bind<T>(string section, IEnumerable<KeyValuePair<string, string?>> pairs)
        where T : class, new()
    {
        var errors = new List<string>();
        var options = new T();
        Fill(options, OptionsNode.Build(pairs), section, errors);
        return new OptionsResult<T>(options, errors);
    }

    private static void Fill(object target, OptionsNode node, string path, List<string> errors)
    {
        PropertyInfo[] properties = [.. target.GetType().GetProperties().Where(p => p.CanWrite && p.GetIndexParameters().Length == 0)];
        foreach ((string name, OptionsNode child) in node.Children)
        {
            string childPath = path.Length == 0 ? name : $"{path}:{name}";
            PropertyInfo? property = properties.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                string known = string.Join(", ", properties.Select(p => p.Name).Order(StringComparer.Ordinal));
                errors.Add($"{childPath}: unknown key. Known here: {known}.");
            }
            else if (TryRead(property.PropertyType, child, childPath, errors, out object? value))
            {
                property.SetValue(target, value);
            }
        }

        Validate(target, properties, path, errors);
    }

    private static void Validate(object target, PropertyInfo[] properties, string path, List<string> errors)
    {
        foreach (PropertyInfo property in properties)
        {
            object? value = property.GetValue(target);
            foreach (ValidationAttribute rule in property.GetCustomAttributes<ValidationAttribute>())
            {
                var context = new ValidationContext(target) { DisplayName = property.Name, MemberName = property.Name };
                if (rule.GetValidationResult(value, context) is { } failure)
                {
                    errors.Add($"{path}:{property.Name}: {failure.ErrorMessage} Given: {value ?? "nothing"}.");
                }
            }
        }

        if (target is IValidatableObject self)
        {
            errors.AddRange(self.Validate(new ValidationContext(target)).Select(f => $"{path}: {f.ErrorMessage}"));
        }
    }

    private static bool TryRead(Type type, OptionsNode node, string path, List<string> errors, out object? value)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        if (ScalarReader.Handles(plain))
        {
            return TryReadScalar(plain, type, node, path, errors, out value);
        }

        if (plain.IsGenericType && plain.GetGenericTypeDefinition() == typeof(List<>))
        {
            return TryReadList(plain, node, path, errors, out value);
        }

        if (plain.IsGenericType && plain.GetGenericTypeDefinition() == typeof(Dictionary<,>))
        {
            return TryReadDictionary(plain, node, path, errors, out value);
        }

        value = Activator.CreateInstance(plain);
        if (!string.IsNullOrEmpty(node.Value))
        {
            errors.Add($"{path}: is a group of keys, not the value '{node.Value}'.");
        }

        Fill(value!, node, path, errors);
        return true;
    }

    private static bool TryReadScalar(
        Type plain, Type declared, OptionsNode node, string path, List<string> errors, out object? value)
    {
        value = null;
        if (node.Children.Count > 0)
        {
            errors.Add($"{path}: is one value, but keys are below it: {string.Join(", ", node.Children.Keys)}.");
            return false;
        }

        if (string.IsNullOrEmpty(node.Value) && plain != typeof(string))
        {
            if (declared == plain)
            {
                errors.Add($"{path}: empty; expected {ScalarReader.Describe(plain)}.");
            }

            return declared != plain;
        }

        if (ScalarReader.TryParse(plain, node.Value ?? "", out value))
        {
            return true;
        }

        errors.Add($"{path}: '{node.Value}' is not {ScalarReader.Describe(plain)}.");
        return false;
    }

    private static bool TryReadList(Type type, OptionsNode node, string path, List<string> errors, out object? value)
    {
        var list = (System.Collections.IList)Activator.CreateInstance(type)!;
        value = list;
        Type item = type.GetGenericArguments()[0];
        if (!string.IsNullOrEmpty(node.Value))
        {
            errors.Add($"{path}: is a list; give {path}:0, {path}:1 and so on.");
            return false;
        }

        foreach ((string index, OptionsNode child) in node.Children.OrderBy(c => Position(c.Key)))
        {
            if (Position(index) == int.MaxValue)
            {
                errors.Add($"{path}:{index}: a list has numbers as keys, from 0.");
            }
            else if (TryRead(item, child, $"{path}:{index}", errors, out object? element))
            {
                list.Add(element);
            }
        }

        return true;
    }

    private static bool TryReadDictionary(Type type, OptionsNode node, string path, List<string> errors, out object? value)
    {
        var map = (System.Collections.IDictionary)Activator.CreateInstance(type)!;
        value = map;
        foreach ((string key, OptionsNode child) in node.Children)
        {
            if (TryRead(type.GetGenericArguments()[1], child, $"{path}:{key}", errors, out object? element))
            {
                map[key] = element;
            }
        }

        return true;
    }

    private static int Position(string key) =>
        int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int position) ? position : int.MaxValue;
}
