using System.Numerics;
using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>Methods of numbers.</summary>
internal static class NumberMethods
{
    public static IReadOnlyDictionary<string, Builtin> Table { get; } = new BuiltinTable
    {
        { "is_integer", "", c => BoolValue.Of(c.Self is not FloatValue f || double.IsInteger(f.Number)) },
        { "bit_length", "", BitLength },
    }.ByName;

    private static Value BitLength(Invocation call) => Numbers.TryInteger(call.Self, out BigInteger number)
        ? new IntValue((long)BigInteger.Abs(number).GetBitLength())
        : throw call.Error("'float' object has no attribute 'bit_length'");
}
