using System.Collections;
using System.Globalization;
using System.Text;

namespace XLLM.Runtime.Tests.Support;

/// <summary>Values as text, members and elements in full, so that equal structure is equal text.</summary>
public static class Structure
{
    public static string Of(object? value)
    {
        var text = new StringBuilder();
        Write(text, value, 0);
        return text.ToString();
    }

    private static void Write(StringBuilder text, object? value, int depth)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case string or Enum or IFormattable { } when value.GetType().Namespace == "System":
            case string or Enum:
                text.Append(CultureInfo.InvariantCulture, $"{value.GetType().Name}:{value}");
                break;
            case var array when array.GetType().GetProperty("IsDefault")?.GetValue(array) is true:
                text.Append("default");
                break;
            case IEnumerable items:
                text.Append('[');
                foreach (var item in items)
                {
                    Write(text, item, depth + 1);
                    text.Append(',');
                }

                text.Append(']');
                break;
            default:
                text.Append(value.GetType().Name).Append('{');
                foreach (var property in value.GetType().GetProperties()
                    .Where(p => p.IsDefined(typeof(IdAttribute), false) && p.GetMethod is { IsStatic: false }))
                {
                    text.Append(property.Name).Append('=');
                    Write(text, property.GetValue(value), depth + 1);
                    text.Append(';');
                }

                text.Append('}');
                break;
        }
    }
}
