namespace XLLM.Grammar.Formulas;

/// <summary>A schema that some value inside another must satisfy; its formula is set once the compiler has come to it.</summary>
internal sealed class Child(string path)
{
    private Formula? _formula;

    public string Path { get; } = path;

    public bool IsSet => _formula is not null;

    public Formula Formula
    {
        get => _formula ?? throw new InvalidOperationException($"{Path} has not been compiled");
        set => _formula = value;
    }
}
