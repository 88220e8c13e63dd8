using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>Takes a call's values at the moment of the call: what the caller changes later is not seen.</summary>
internal static class ArgumentCopier
{
    public static object?[] Copy(MethodDescriptor method, object?[] arguments)
    {
        CopyContext? context = null;
        for (var i = 0; i < arguments.Length; i++)
        {
            if (i == method.TokenIndex)
            {
                arguments[i] = CancellationToken.None;
            }
            else if (!method.ImmutableParameters[i])
            {
                arguments[i] = CodecTable.Get(method.ParameterTypes[i]).CopyBoxed(arguments[i], context ??= new CopyContext());
            }
        }

        return arguments;
    }

    public static Dictionary<string, object>? CopyContext(Dictionary<string, object>? values)
    {
        if (values is null)
        {
            return null;
        }

        var context = new CopyContext();
        return values.ToDictionary(v => v.Key, v => CodecTable.ForInstance(v.Value).CopyBoxed(v.Value, context)!);
    }
}
