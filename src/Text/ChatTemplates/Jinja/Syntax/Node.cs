namespace XLLM.Text.ChatTemplates.Jinja.Syntax;

/// <summary>A node of a parsed template. Nodes do not change, so many renderings may share them.</summary>
internal abstract class Node(int line)
{
    /// <summary>Line in the source, from 1.</summary>
    public int Line { get; } = line;
}
