using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>Where a node is evaluated: the rendering, the variables in sight, and where text goes.</summary>
internal sealed class Frame(RenderState state, Scope scope, OutputBuffer output)
{
    public RenderState State => state;

    public Scope Scope => scope;

    public OutputBuffer Output => output;

    /// <summary>A block with its own variables, writing to the same place.</summary>
    public Frame Child() => new(state, new Scope(scope), output);

    /// <summary>A block with its own variables whose text is taken by <see cref="Captured"/>.</summary>
    public Frame Capturing() => new(state, new Scope(scope), new OutputBuffer(state));

    /// <summary>The text written to a capturing frame, as a value.</summary>
    public StringValue Captured() => new(output.ToString());
}
