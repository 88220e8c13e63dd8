namespace XLLM.Text.ChatTemplates.Jinja.Values;

internal sealed class BoolValue : Value
{
    public static readonly BoolValue True = new(true);
    public static readonly BoolValue False = new(false);

    private readonly bool _value;

    private BoolValue(bool value) => _value = value;

    public override string TypeName => "bool";

    public override bool IsTrue => _value;

    public static BoolValue Of(bool value) => value ? True : False;
}
