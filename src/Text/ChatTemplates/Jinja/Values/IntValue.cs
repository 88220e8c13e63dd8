using System.Numerics;

namespace XLLM.Text.ChatTemplates.Jinja.Values;

/// <summary>An integer of any size; what makes large ones checks <see cref="TemplateLimits.MaxIntegerBits"/> first.</summary>
internal sealed class IntValue(BigInteger number) : Value
{
    public BigInteger Number { get; } = number;

    public override string TypeName => "int";

    public override bool IsTrue => !Number.IsZero;
}
