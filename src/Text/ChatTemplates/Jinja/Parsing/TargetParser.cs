using XLLM.Text.ChatTemplates.Jinja.Lexing;
using XLLM.Text.ChatTemplates.Jinja.Syntax;
using XLLM.Text.ChatTemplates.Jinja.Syntax.Targets;

namespace XLLM.Text.ChatTemplates.Jinja.Parsing;

/// <summary>Left sides of assignments: a name, an attribute of a namespace where allowed, or several of them.</summary>
internal sealed class TargetParser(ParseContext context)
{
    private readonly TokenStream _tokens = context.Tokens;

    public AssignTarget Parse(bool withNamespace)
    {
        int line = _tokens.Current.Line;
        List<AssignTarget> targets = [];
        bool isTuple = false;
        while (!IsEnd())
        {
            targets.Add(One(withNamespace));
            if (!_tokens.SkipOperator(","))
            {
                break;
            }

            isTuple = true;
        }

        return isTuple ? new TupleTarget(line, targets)
            : targets.Count == 1 ? targets[0] : throw _tokens.Unexpected("the name of a variable");
    }

    /// <summary>A name that can be assigned to.</summary>
    public Token Name()
    {
        Token name = _tokens.Expect(TokenKind.Name, "the name of a variable");
        return name.Text is "true" or "false" or "none" or "True" or "False" or "None"
            ? throw new TemplateException(TemplateErrorKind.Syntax, $"cannot assign to '{name.Text}'", name.Line) : name;
    }

    private bool IsEnd() =>
        _tokens.Current.Kind == TokenKind.BlockEnd || _tokens.Current.IsName("in") || _tokens.Current.IsOperator(")")
        || _tokens.Current.IsOperator("=");

    private AssignTarget One(bool withNamespace)
    {
        if (_tokens.SkipOperator("("))
        {
            context.Enter();
            AssignTarget inner = Parse(withNamespace);
            context.Leave();
            _tokens.ExpectOperator(")");
            return inner;
        }

        Token name = Name();
        return withNamespace && _tokens.SkipOperator(".")
            ? new NamespaceTarget(name.Line, name.Text, _tokens.Expect(TokenKind.Name, "the name of an attribute").Text)
            : new NameTarget(name.Line, name.Text);
    }
}
