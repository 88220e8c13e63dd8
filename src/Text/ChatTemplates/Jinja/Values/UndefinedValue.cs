namespace XLLM.Text.ChatTemplates.Jinja.Values;

/// <summary>What is not there: prints nothing, is false and empty; any other use fails with <see cref="Message"/>.</summary>
internal sealed class UndefinedValue(string message) : Value
{
    public string Message { get; } = message;

    public override string TypeName => "Undefined";

    public override bool IsTrue => false;
}
