using XLLM.Text.ChatTemplates.Jinja.Lexing;
using XLLM.Text.ChatTemplates.Jinja.Syntax;
using XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;

namespace XLLM.Text.ChatTemplates.Jinja.Parsing;

/// <summary>Jinja2's operators by its precedence: if-else, or, and, not, comparisons, + -, ~, * / // %, **, signs.</summary>
internal sealed class ExpressionParser
{
    private readonly ParseContext _context;
    private readonly TokenStream _tokens;
    private readonly OperandParser _operands;

    public ExpressionParser(ParseContext context)
    {
        _context = context;
        _tokens = context.Tokens;
        _operands = new OperandParser(context, this);
    }

    public OperandParser Operands => _operands;

    public Expression Parse(bool withCondition = true)
    {
        _context.Enter();
        Expression result = withCondition ? Condition() : Or();
        _context.Leave();
        return result;
    }

    /// <summary>One expression, or several with commas between them as a tuple; <paramref name="isEnd"/> tells where a trailing comma ends.</summary>
    public Expression ParseTuple(bool withCondition = true, bool mayBeEmpty = false, Func<Token, bool>? isEnd = null)
    {
        int line = _tokens.Current.Line;
        List<Expression> items = [];
        bool isTuple = false;
        while (!IsTupleEnd(isEnd))
        {
            items.Add(Parse(withCondition));
            if (!_tokens.SkipOperator(","))
            {
                break;
            }

            isTuple = true;
        }

        return isTuple || (items.Count == 0 && mayBeEmpty) ? new ListExpression(line, items, isTuple: true)
            : items.Count == 1 ? items[0] : throw _tokens.Unexpected("an expression");
    }

    /// <summary>A sign before an operand binds closer than filters behind it: -x|abs is (-x)|abs.</summary>
    public Expression Unary(bool withFilters)
    {
        _context.Enter();
        Token token = _tokens.Current;
        Expression result;
        if (token.IsOperator("-") || token.IsOperator("+"))
        {
            _tokens.Next();
            result = new UnaryExpression(token.Line, token.Text, Unary(withFilters: false));
        }
        else
        {
            result = _operands.Primary();
        }

        result = _operands.Postfix(result);
        _context.Leave();
        return withFilters ? _operands.FiltersAndTests(result) : result;
    }

    private bool IsTupleEnd(Func<Token, bool>? isEnd) =>
        _tokens.Current.Kind is TokenKind.PrintEnd or TokenKind.BlockEnd || _tokens.Current.IsOperator(")")
        || (isEnd is not null && isEnd(_tokens.Current));

    private Expression Condition()
    {
        Expression result = Or();
        while (_tokens.Current.IsName("if"))
        {
            int line = _tokens.Next().Line;
            _context.Conditions++;
            Expression test = Or();
            Expression? no = _tokens.SkipName("else") ? Parse() : null;
            _context.Conditions--;
            result = new ConditionalExpression(line, test, result, no);
        }

        return result;
    }

    private Expression Or()
    {
        Expression left = And();
        while (_tokens.Current.IsName("or"))
        {
            int line = _tokens.Next().Line;
            left = new LogicalExpression(line, isAnd: false, left, And());
        }

        return left;
    }

    private Expression And()
    {
        Expression left = Not();
        while (_tokens.Current.IsName("and"))
        {
            int line = _tokens.Next().Line;
            left = new LogicalExpression(line, isAnd: true, left, Not());
        }

        return left;
    }

    private Expression Not()
    {
        if (!_tokens.Current.IsName("not"))
        {
            return Comparison();
        }

        int line = _tokens.Next().Line;
        _context.Enter();
        Expression operand = Not();
        _context.Leave();
        return new UnaryExpression(line, "not", operand);
    }

    private Expression Comparison()
    {
        Expression first = Sum();
        int line = _tokens.Current.Line;
        List<KeyValuePair<string, Expression>> rest = [];
        while (ComparisonOperator() is string op)
        {
            rest.Add(new(op, Sum()));
        }

        return rest.Count == 0 ? first : new ComparisonExpression(line, first, rest);
    }

    private string? ComparisonOperator()
    {
        Token token = _tokens.Current;
        if (token.Kind == TokenKind.Operator && token.Text is "==" or "!=" or "<" or "<=" or ">" or ">=")
        {
            return _tokens.Next().Text;
        }

        if (token.IsName("not") && _tokens.Ahead.IsName("in"))
        {
            _tokens.Next();
            _tokens.Next();
            return "not in";
        }

        return _tokens.SkipName("in") ? "in" : null;
    }

    private Expression Sum()
    {
        Expression left = Concat();
        while (_tokens.Current.IsOperator("+") || _tokens.Current.IsOperator("-"))
        {
            Token op = _tokens.Next();
            left = new BinaryExpression(op.Line, op.Text, left, Concat());
        }

        return left;
    }

    private Expression Concat()
    {
        int line = _tokens.Current.Line;
        List<Expression> parts = [Product()];
        while (_tokens.SkipOperator("~"))
        {
            parts.Add(Product());
        }

        return parts.Count == 1 ? parts[0] : new ConcatExpression(line, parts);
    }

    private Expression Product()
    {
        Expression left = Power();
        while (_tokens.Current.Kind == TokenKind.Operator && _tokens.Current.Text is "*" or "/" or "//" or "%")
        {
            Token op = _tokens.Next();
            left = new BinaryExpression(op.Line, op.Text, left, Power());
        }

        return left;
    }

    /// <summary>From left to right, unlike Python's.</summary>
    private Expression Power()
    {
        Expression left = Unary(withFilters: true);
        while (_tokens.Current.IsOperator("**"))
        {
            int line = _tokens.Next().Line;
            left = new BinaryExpression(line, "**", left, Unary(withFilters: true));
        }

        return left;
    }
}
