using System.Globalization;
using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>The <c>attribute</c> argument of filters: a name, a path with dots, or a number.</summary>
internal static class ItemGetter
{
    /// <param name="missing">What an item without the attribute gives, or null for undefined.</param>
    public static Func<Value, Value> Of(Invocation call, Value? attribute, Value? missing = null)
    {
        Value[] parts = attribute switch
        {
            null or NoneValue => [],
            StringValue s => [.. s.Text.Split('.').Select(Part)],
            _ => [attribute],
        };
        return item =>
        {
            foreach (Value part in parts)
            {
                item = Attributes.GetItem(call.State, item, part);
                item = item is UndefinedValue && missing is not (null or NoneValue) ? missing : item;
            }

            return item;
        };
    }

    /// <summary>Texts compared without case, unless asked otherwise.</summary>
    public static Func<Value, Value> Folding(Invocation call, Func<Value, Value> get, bool caseSensitive) => caseSensitive ? get
        : item => get(item) is var value && value is StringValue text ? call.State.Text(PythonText.Lower(text.Text)) : value;

    private static Value Part(string part) => part.Length is > 0 and < 10 && part.All(char.IsAsciiDigit)
        ? new IntValue(int.Parse(part, CultureInfo.InvariantCulture)) : new StringValue(part);
}
