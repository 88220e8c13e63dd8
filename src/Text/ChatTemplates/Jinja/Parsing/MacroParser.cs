using XLLM.Text.ChatTemplates.Jinja.Lexing;
using XLLM.Text.ChatTemplates.Jinja.Syntax;
using XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;
using XLLM.Text.ChatTemplates.Jinja.Syntax.Statements;

namespace XLLM.Text.ChatTemplates.Jinja.Parsing;

/// <summary>Macros and call blocks.</summary>
internal sealed class MacroParser(
    ParseContext context, StatementParser statements, ExpressionParser expressions, TargetParser targets)
{
    private readonly TokenStream _tokens = context.Tokens;

    public MacroStatement Macro(int line)
    {
        Token name = targets.Name();
        context.BeginMacro();
        (List<string> parameters, List<Expression> defaults) = Signature();
        return new MacroStatement(line, Definition(line, name.Text, parameters, defaults, "endmacro"));
    }

    public CallBlockStatement CallBlock(int line)
    {
        context.BeginMacro();
        (List<string> parameters, List<Expression> defaults) = _tokens.Current.IsOperator("(") ? Signature() : ([], []);
        if (expressions.Parse() is not CallExpression call)
        {
            throw new TemplateException(TemplateErrorKind.Syntax, "'call' needs the call of a macro", line);
        }

        return new CallBlockStatement(line, call, Definition(line, "caller", parameters, defaults, "endcall"));
    }

    private MacroDefinition Definition(
        int line, string name, IReadOnlyList<string> parameters, IReadOnlyList<Expression> defaults, string end)
    {
        _tokens.Expect(TokenKind.BlockEnd, "'%}'");
        int loops = context.Loops;
        context.Loops = 0;
        Block body = statements.Body(line, end);
        context.Loops = loops;
        HashSet<string> used = context.EndMacro();
        return new MacroDefinition(name, parameters, defaults, body,
            used.Contains("caller") && !parameters.Contains("caller"),
            used.Contains("kwargs") && !parameters.Contains("kwargs"),
            used.Contains("varargs") && !parameters.Contains("varargs"));
    }

    private (List<string> Parameters, List<Expression> Defaults) Signature()
    {
        List<string> parameters = [];
        List<Expression> defaults = [];
        _tokens.ExpectOperator("(");
        while (!_tokens.Current.IsOperator(")"))
        {
            Token name = targets.Name();
            if (parameters.Contains(name.Text))
            {
                throw new TemplateException(TemplateErrorKind.Syntax, $"the parameter '{name.Text}' is there twice", name.Line);
            }

            parameters.Add(name.Text);
            if (_tokens.SkipOperator("="))
            {
                defaults.Add(expressions.Parse());
            }
            else if (defaults.Count > 0)
            {
                throw new TemplateException(
                    TemplateErrorKind.Syntax, $"the parameter '{name.Text}' needs a default, as the one before has", name.Line);
            }

            if (!_tokens.SkipOperator(","))
            {
                break;
            }
        }

        _tokens.ExpectOperator(")");
        return (parameters, defaults);
    }
}
