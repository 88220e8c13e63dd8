namespace XLLM.Text.ChatTemplates.Jinja.Values;

internal sealed class FloatValue(double number) : Value
{
    public double Number { get; } = number;

    public override string TypeName => "float";

    public override bool IsTrue => Number != 0;
}
