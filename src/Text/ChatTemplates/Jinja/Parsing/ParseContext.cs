using System.Runtime.CompilerServices;
using XLLM.Text.ChatTemplates.Jinja.Lexing;

namespace XLLM.Text.ChatTemplates.Jinja.Parsing;

/// <summary>What the parsers of one template share: its tokens, the nesting so far, and what surrounds the current place.</summary>
internal sealed class ParseContext(List<Token> tokens, TemplateLimits limits)
{
    private readonly Stack<HashSet<string>> _macros = [];
    private int _nesting;

    public TokenStream Tokens { get; } = new(tokens);

    public TemplateLimits Limits => limits;

    /// <summary>For blocks around the current place; break and continue need one.</summary>
    public int Loops { get; set; }

    /// <summary>Conditions around the current place: what stands there may never be reached, so unknown names may stay.</summary>
    public int Conditions { get; set; }

    public void Enter()
    {
        if (++_nesting > limits.MaxNesting || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new TemplateException(TemplateErrorKind.Limit, $"nested deeper than {limits.MaxNesting}", Tokens.Current.Line);
        }
    }

    public void Leave() => _nesting--;

    /// <summary>Notes that a name is read, for the macros around it.</summary>
    public void NoteName(string name)
    {
        if (name is "caller" or "kwargs" or "varargs")
        {
            foreach (HashSet<string> names in _macros)
            {
                names.Add(name);
            }
        }
    }

    public void BeginMacro() => _macros.Push([]);

    /// <summary>The special names that the macro just parsed reads.</summary>
    public HashSet<string> EndMacro() => _macros.Pop();
}
