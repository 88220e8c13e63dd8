namespace XLLM.Text.ChatTemplates.Jinja.Values;

/// <summary>A value of the template language, with Python's semantics. Values do not change, apart from namespaces and iterators.</summary>
internal abstract class Value
{
    /// <summary>Python's name of the type, as its error messages give it.</summary>
    public abstract string TypeName { get; }

    /// <summary>Python's truth value.</summary>
    public virtual bool IsTrue => true;
}
