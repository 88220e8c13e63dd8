namespace XLLM.Text.ChatTemplates.Jinja.Values;

/// <summary>A string. Positions in the template language count code points, not UTF-16 units.</summary>
internal sealed class StringValue(string text) : Value
{
    public static readonly StringValue Empty = new("");

    private int _length = -1;

    public string Text { get; } = text;

    public override string TypeName => "str";

    public override bool IsTrue => Text.Length > 0;

    /// <summary>Length in code points. Worked out once; two threads doing so get the same.</summary>
    public int Length => _length >= 0 ? _length : _length = CodePoints.Count(Text);

    /// <summary>Whether code points and UTF-16 units are the same thing here.</summary>
    public bool IsBasic => Length == Text.Length;
}
