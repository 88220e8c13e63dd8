using System.Numerics;

namespace XLLM.Text.ChatTemplates.Jinja.Values;

internal sealed class RangeValue(BigInteger start, BigInteger stop, BigInteger step, int count) : Value
{
    public BigInteger Start { get; } = start;

    public BigInteger Stop { get; } = stop;

    public BigInteger Step { get; } = step;

    public int Count { get; } = count;

    public override string TypeName => "range";

    public override bool IsTrue => Count > 0;

    public Value At(int index) => new IntValue(Start + (Step * index));
}
