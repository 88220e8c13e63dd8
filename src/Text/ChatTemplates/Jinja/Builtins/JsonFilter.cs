using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary><c>tojson</c> as Hugging Face defines it: Python's <c>json.dumps</c> with non-ASCII characters kept, no HTML escapes.</summary>
internal static class JsonFilter
{
    public static Value Apply(Invocation call)
    {
        string? indent = call[1] switch
        {
            null or NoneValue => null,
            StringValue s => s.Text,
            { } width => TextOperations.Repeat(call.State, " ", Numbers.ToIndex(call.State, width)),
        };
        string itemSeparator = indent is null ? ", " : ",";
        string keySeparator = ": ";
        if (call[2] is not (null or NoneValue))
        {
            if (call[2] is not SequenceValue { Items: [StringValue item, StringValue key] })
            {
                throw call.Error("separators must be a pair of strings");
            }

            (itemSeparator, keySeparator) = (item.Text, key.Text);
        }

        PythonJson writer = new(call.State, call.IsTrue(0), indent, itemSeparator, keySeparator, call.IsTrue(3));
        return new StringValue(writer.Write(call.Self));
    }
}
