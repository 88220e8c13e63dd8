using System.Text;
using XLLM.Text.ChatTemplates.Jinja.Builtins;
using XLLM.Text.ChatTemplates.Jinja.Lexing;
using XLLM.Text.ChatTemplates.Jinja.Syntax;
using XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Parsing;

/// <summary>Names, literals, brackets, and what follows them: attributes, items, calls, filters, tests.</summary>
internal sealed class OperandParser(ParseContext context, ExpressionParser expressions)
{
    private const int MaxDigits = 1200;

    private readonly TokenStream _tokens = context.Tokens;

    public Expression Primary()
    {
        Token token = _tokens.Next();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return Name(token);
            case TokenKind.String:
                return Strings(token);
            case TokenKind.Integer when token.Text.Length > MaxDigits:
                throw new TemplateException(TemplateErrorKind.Limit, $"an integer of more than {MaxDigits} digits", token.Line);
            case TokenKind.Integer:
                return new ConstantExpression(token.Line, new IntValue(NumberLiteral.Integer(token.Text)));
            case TokenKind.Float:
                return new ConstantExpression(token.Line, new FloatValue(NumberLiteral.Float(token.Text)));
        }

        if (token.IsOperator("("))
        {
            Expression inner = expressions.ParseTuple(mayBeEmpty: true);
            _tokens.ExpectOperator(")");
            return inner;
        }

        return token.IsOperator("[") ? List(token.Line)
            : token.IsOperator("{") ? Dict(token.Line)
            : throw new TemplateException(TemplateErrorKind.Syntax, $"expected an expression, got {token.Describe()}", token.Line);
    }

    public Expression Postfix(Expression operand)
    {
        while (_tokens.Current.Kind == TokenKind.Operator)
        {
            int line = _tokens.Current.Line;
            if (_tokens.SkipOperator("."))
            {
                operand = Attribute(operand, line);
            }
            else if (_tokens.SkipOperator("["))
            {
                operand = Subscript(operand, line);
            }
            else if (_tokens.Current.IsOperator("("))
            {
                operand = new CallExpression(line, operand, Arguments());
            }
            else
            {
                break;
            }
        }

        return operand;
    }

    public Expression FiltersAndTests(Expression operand)
    {
        while (true)
        {
            int line = _tokens.Current.Line;
            if (_tokens.SkipOperator("|"))
            {
                operand = new FilterExpression(line, operand, Filter());
            }
            else if (_tokens.SkipName("is"))
            {
                operand = Test(operand, line);
            }
            else if (_tokens.Current.IsOperator("("))
            {
                operand = new CallExpression(line, operand, Arguments());
            }
            else
            {
                return operand;
            }
        }
    }

    /// <summary>A filter's name and arguments, behind the bar.</summary>
    public FilterCall Filter()
    {
        Token name = _tokens.Expect(TokenKind.Name, "the name of a filter");
        if (context.Conditions == 0 && !Filters.Table.ContainsKey(name.Text))
        {
            throw new TemplateException(TemplateErrorKind.Syntax, Filters.Unknown(name.Text), name.Line);
        }

        return new FilterCall(name.Line, name.Text, _tokens.Current.IsOperator("(") ? Arguments() : ArgumentList.Empty);
    }

    public ArgumentList Arguments()
    {
        _tokens.ExpectOperator("(");
        List<Expression> positional = [];
        List<KeyValuePair<string, Expression>> named = [];
        Expression? more = null;
        Expression? moreNamed = null;
        while (!_tokens.Current.IsOperator(")"))
        {
            Token token = _tokens.Current;
            bool inOrder = true;
            if (_tokens.SkipOperator("*"))
            {
                inOrder = more is null && moreNamed is null;
                more = expressions.Parse();
            }
            else if (_tokens.SkipOperator("**"))
            {
                inOrder = moreNamed is null;
                moreNamed = expressions.Parse();
            }
            else if (token.Kind == TokenKind.Name && _tokens.Ahead.IsOperator("="))
            {
                _tokens.Next();
                _tokens.Next();
                inOrder = moreNamed is null && named.TrueForAll(n => n.Key != token.Text);
                named.Add(new(token.Text, expressions.Parse()));
            }
            else
            {
                inOrder = more is null && moreNamed is null && named.Count == 0;
                positional.Add(expressions.Parse());
            }

            if (!inOrder)
            {
                throw new TemplateException(TemplateErrorKind.Syntax, "the arguments are repeated or out of order", token.Line);
            }

            if (!_tokens.SkipOperator(","))
            {
                break;
            }
        }

        _tokens.ExpectOperator(")");
        return positional.Count + named.Count == 0 && more is null && moreNamed is null ? ArgumentList.Empty
            : new ArgumentList(positional, named, more, moreNamed);
    }

    private Expression Name(Token token)
    {
        switch (token.Text)
        {
            case "true" or "True":
                return new ConstantExpression(token.Line, BoolValue.True);
            case "false" or "False":
                return new ConstantExpression(token.Line, BoolValue.False);
            case "none" or "None":
                return new ConstantExpression(token.Line, NoneValue.Instance);
            default:
                context.NoteName(token.Text);
                return new NameExpression(token.Line, token.Text);
        }
    }

    private ConstantExpression Strings(Token first)
    {
        StringBuilder text = new(first.Text);
        while (_tokens.Current.Kind == TokenKind.String)
        {
            text.Append(_tokens.Next().Text);
        }

        return new ConstantExpression(first.Line, new StringValue(text.ToString()));
    }

    private ListExpression List(int line)
    {
        List<Expression> items = [];
        while (!_tokens.Current.IsOperator("]"))
        {
            items.Add(expressions.Parse());
            if (!_tokens.SkipOperator(","))
            {
                break;
            }
        }

        _tokens.ExpectOperator("]");
        return new ListExpression(line, items, isTuple: false);
    }

    private DictExpression Dict(int line)
    {
        List<KeyValuePair<Expression, Expression>> entries = [];
        while (!_tokens.Current.IsOperator("}"))
        {
            Expression key = expressions.Parse();
            _tokens.ExpectOperator(":");
            entries.Add(new(key, expressions.Parse()));
            if (!_tokens.SkipOperator(","))
            {
                break;
            }
        }

        _tokens.ExpectOperator("}");
        return new DictExpression(line, entries);
    }

    private Expression Attribute(Expression operand, int line)
    {
        Token name = _tokens.Next();
        return name.Kind switch
        {
            TokenKind.Name => new AttributeExpression(line, operand, name.Text),
            TokenKind.Integer when name.Text.Length <= MaxDigits =>
                new ItemExpression(line, operand, new ConstantExpression(line, new IntValue(NumberLiteral.Integer(name.Text)))),
            _ => throw new TemplateException(
                TemplateErrorKind.Syntax, $"expected a name or number behind '.', got {name.Describe()}", name.Line),
        };
    }

    private Expression Subscript(Expression operand, int line)
    {
        List<Expression> keys = [];
        do
        {
            if (_tokens.Current.IsOperator("]") && keys.Count > 0)
            {
                break;
            }

            Expression? start = _tokens.Current.IsOperator(":") ? null : expressions.Parse();
            if (_tokens.SkipOperator(":"))
            {
                if (keys.Count > 0)
                {
                    throw _tokens.Error("a slice cannot be part of a tuple of keys");
                }

                return Slice(operand, start, line);
            }

            keys.Add(start!);
        }
        while (_tokens.SkipOperator(","));

        _tokens.ExpectOperator("]");
        return new ItemExpression(line, operand, keys.Count == 1 ? keys[0] : new ListExpression(line, keys, isTuple: true));
    }

    private SliceExpression Slice(Expression operand, Expression? start, int line)
    {
        Expression? stop = IsSliceEnd() ? null : expressions.Parse();
        Expression? step = _tokens.SkipOperator(":") && !IsSliceEnd() ? expressions.Parse() : null;
        _tokens.ExpectOperator("]");
        return new SliceExpression(line, operand, start, stop, step);
    }

    private bool IsSliceEnd() => _tokens.Current.IsOperator(":") || _tokens.Current.IsOperator("]");

    private Expression Test(Expression operand, int line)
    {
        bool negated = _tokens.SkipName("not");
        Token name = _tokens.Expect(TokenKind.Name, "the name of a test");
        if (context.Conditions == 0 && !Tests.Table.ContainsKey(name.Text))
        {
            throw new TemplateException(TemplateErrorKind.Syntax, $"No test named '{name.Text}'.", name.Line);
        }

        ArgumentList arguments = ArgumentList.Empty;
        Token next = _tokens.Current;
        if (next.IsOperator("("))
        {
            arguments = Arguments();
        }
        else if (next.IsName("is"))
        {
            throw _tokens.Error("tests cannot be chained with 'is'");
        }
        else if (next.Kind is TokenKind.String or TokenKind.Integer or TokenKind.Float || next.IsOperator("[") || next.IsOperator("{")
            || (next.Kind == TokenKind.Name && next.Text is not ("else" or "or" or "and")))
        {
            arguments = new ArgumentList([Postfix(Primary())], [], null, null);
        }

        Expression test = new TestExpression(line, operand, name.Text, arguments);
        return negated ? new UnaryExpression(line, "not", test) : test;
    }
}
