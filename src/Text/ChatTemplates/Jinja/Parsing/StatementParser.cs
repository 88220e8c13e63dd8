using XLLM.Text.ChatTemplates.Jinja.Lexing;
using XLLM.Text.ChatTemplates.Jinja.Syntax;
using XLLM.Text.ChatTemplates.Jinja.Syntax.Expressions;
using XLLM.Text.ChatTemplates.Jinja.Syntax.Statements;

namespace XLLM.Text.ChatTemplates.Jinja.Parsing;

/// <summary>Text, print tags and statement tags.</summary>
internal sealed class StatementParser
{
    private readonly ParseContext _context;
    private readonly TokenStream _tokens;
    private readonly ExpressionParser _expressions;
    private readonly TargetParser _targets;
    private readonly MacroParser _macros;

    public StatementParser(ParseContext context)
    {
        _context = context;
        _tokens = context.Tokens;
        _expressions = new ExpressionParser(context);
        _targets = new TargetParser(context);
        _macros = new MacroParser(context, this, _expressions, _targets);
    }

    public Block ParseAll() => new(Statements([], 0));

    /// <summary>
    /// Statements up to a tag that starts with one of the words, whose word is skipped and given back. What is behind the word is
    /// the caller's to parse.
    /// </summary>
    public Block Body(int line, out string end, params string[] ends)
    {
        _context.Enter();
        List<Statement> statements = Statements(ends, line);
        _context.Leave();
        end = _tokens.Next().Text;
        return new Block(statements);
    }

    public Block Body(int line, string end) => Body(line, out _, end);

    private List<Statement> Statements(string[] ends, int opened)
    {
        List<Statement> statements = [];
        while (true)
        {
            Token token = _tokens.Next();
            switch (token.Kind)
            {
                case TokenKind.Data:
                    statements.Add(new TextStatement(token.Line, token.Text));
                    break;
                case TokenKind.PrintBegin:
                    statements.Add(new PrintStatement(token.Line, _expressions.ParseTuple()));
                    _tokens.Expect(TokenKind.PrintEnd, "'}}'");
                    break;
                case TokenKind.BlockBegin when _tokens.Current.Kind == TokenKind.Name && ends.Contains(_tokens.Current.Text):
                    return statements;
                case TokenKind.BlockBegin:
                    statements.AddRange(Tag());
                    _tokens.Expect(TokenKind.BlockEnd, "'%}'");
                    break;
                case TokenKind.End when ends.Length == 0:
                    return statements;
                case TokenKind.End:
                    throw _tokens.Error($"the template ends without '{ends[^1]}' for the block of line {opened}");
                default:
                    throw _tokens.Error($"unexpected {token.Describe()}");
            }
        }
    }

    private IEnumerable<Statement> Tag()
    {
        Token word = _tokens.Expect(TokenKind.Name, "the name of a tag");
        int line = word.Line;
        switch (word.Text)
        {
            case "if":
                return [If(line)];
            case "for":
                return [For(line)];
            case "set":
                return [Set(line)];
            case "macro":
                return [_macros.Macro(line)];
            case "call":
                return [_macros.CallBlock(line)];
            case "with":
                return [With(line)];
            case "filter":
                return [new FilterBlockStatement(line, Filters(), BodyBehind(line, "endfilter"))];
            case "generation":
                return [new WithStatement(line, [], BodyBehind(line, "endgeneration"))];
            case "print":
                return Print(line);
            case "break" or "continue":
                return [LoopControl(word)];
            case "include" or "import" or "from" or "extends" or "block":
                throw Error(line, $"'{word.Text}' is not available: a chat template stands alone");
            default:
                throw Error(line, $"unknown tag '{word.Text}'");
        }
    }

    private Block BodyBehind(int line, string end)
    {
        _tokens.Expect(TokenKind.BlockEnd, "'%}'");
        return Body(line, end);
    }

    private IfStatement If(int line)
    {
        List<KeyValuePair<Expression, Block>> branches = [];
        Block? otherwise = null;
        string end = "elif";
        _context.Conditions++;
        while (end == "elif")
        {
            Expression test = _expressions.ParseTuple(withCondition: false);
            _tokens.Expect(TokenKind.BlockEnd, "'%}'");
            branches.Add(new(test, Body(line, out end, "elif", "else", "endif")));
        }

        if (end == "else")
        {
            otherwise = BodyBehind(line, "endif");
        }

        _context.Conditions--;
        return new IfStatement(line, branches, otherwise);
    }

    private ForStatement For(int line)
    {
        AssignTarget target = _targets.Parse(withNamespace: false);
        _tokens.ExpectName("in");
        Expression source = _expressions.ParseTuple(
            withCondition: false, isEnd: t => t.IsName("recursive") || t.IsName("if"));
        Expression? filter = _tokens.SkipName("if") ? _expressions.Parse() : null;
        bool isRecursive = _tokens.SkipName("recursive");
        _tokens.Expect(TokenKind.BlockEnd, "'%}'");
        _context.Loops++;
        Block body = Body(line, out string end, "else", "endfor");
        _context.Loops--;
        Block? otherwise = end == "else" ? BodyBehind(line, "endfor") : null;
        return new ForStatement(line, target, source, filter, isRecursive, body, otherwise);
    }

    private Statement Set(int line)
    {
        AssignTarget target = _targets.Parse(withNamespace: true);
        if (_tokens.SkipOperator("="))
        {
            return new SetStatement(line, target, _expressions.ParseTuple());
        }

        IReadOnlyList<FilterCall> filters = _tokens.SkipOperator("|") ? Filters() : [];
        return new SetBlockStatement(line, target, filters, BodyBehind(line, "endset"));
    }

    private WithStatement With(int line)
    {
        List<KeyValuePair<AssignTarget, Expression>> assignments = [];
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (assignments.Count > 0)
            {
                _tokens.ExpectOperator(",");
            }

            Token name = _targets.Name();
            _tokens.ExpectOperator("=");
            assignments.Add(new(new Syntax.Targets.NameTarget(name.Line, name.Text), _expressions.Parse()));
        }

        return new WithStatement(line, assignments, BodyBehind(line, "endwith"));
    }

    private List<Statement> Print(int line)
    {
        List<Statement> statements = [];
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (statements.Count > 0)
            {
                _tokens.ExpectOperator(",");
            }

            statements.Add(new PrintStatement(line, _expressions.Parse()));
        }

        return statements;
    }

    private LoopControlStatement LoopControl(Token word) => _context.Loops == 0
        ? throw Error(word.Line, $"'{word.Text}' stands outside of a loop")
        : new LoopControlStatement(word.Line, word.Text == "break" ? Flow.Break : Flow.Continue);

    private List<FilterCall> Filters()
    {
        List<FilterCall> filters = [];
        do
        {
            filters.Add(_expressions.Operands.Filter());
        }
        while (_tokens.SkipOperator("|"));

        return filters;
    }

    private static TemplateException Error(int line, string reason) => new(TemplateErrorKind.Syntax, reason, line);
}
