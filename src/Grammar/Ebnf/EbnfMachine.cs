using System.Text;
using XLLM.Grammar.Machine;
using XLLM.Grammar.Text;
using XLLM.Grammar.Tokens;

namespace XLLM.Grammar.Ebnf;

/// <summary>
/// A context-free grammar at work: a set of interned stacks, made deterministic as far as texts go (a site and its successors by class
/// of characters are remembered). A call in last place pushes nothing, so right recursion needs no depth.
/// </summary>
internal sealed class EbnfMachine : ByteMachine
{
    private const int MaxPlaces = 20_000;
    private const int MaxKept = 100_000;

    private readonly EbnfProgram _program;
    private readonly Dictionary<(int Node, int Below), EbnfStack> _stacks = [];
    private readonly Dictionary<string, EbnfSite> _sites = new(StringComparer.Ordinal);
    private readonly EbnfSite _start;
    private int _stackIds;
    private long _siteIds;

    public EbnfMachine(EbnfProgram program)
    {
        _program = program;
        _start = Close([(program.Start, null)]);
    }

    public override Cursor Start => new() { Site = _start };

    public override bool Step(ref Cursor cursor, byte b)
    {
        switch (CharDecoder.Step(ref cursor.Char, b, false, out int codePoint))
        {
            case CharStep.Complete:
                EbnfSite next = After(cursor.Site!, _program.Classes.Of(codePoint));
                cursor.Site = next;
                return !next.IsDead;
            case CharStep.Pending:
                CharDecoder.Ranges(cursor.Char, out int first, out int last, out _, out _);
                return Within(cursor.Site!, first, last);
            default:
                return false;
        }
    }

    public override bool Accepts(in Cursor cursor) => cursor.Char == 0 && cursor.Site!.Accepts;

    public override bool GoesOn(in Cursor cursor) => cursor.Char != 0 || cursor.Site!.Places.Length > 0;

    public override RowKey KeyOf(in Cursor cursor, TokenTables tokens) => new(cursor.Site!.Id, 0, 0, 0, 0, 0, cursor.Char, 0, null);

    public override byte[]? Complete(in Cursor cursor, int maxBytes)
    {
        List<byte> text = [];
        Cursor at = cursor;
        while (!Accepts(at))
        {
            byte[]? next = at.Char != 0 ? Continuation(at) : Nearest(at.Site!);
            if (next is null || text.Count + next.Length > maxBytes)
            {
                return null;
            }

            foreach (byte b in next)
            {
                if (!Step(ref at, b))
                {
                    return null;
                }
            }

            text.AddRange(next);
        }

        return [.. text];
    }

    private byte[]? Continuation(Cursor cursor)
    {
        for (int b = 0x80; b < 0xC0; b++)
        {
            Cursor next = cursor;
            if (Step(ref next, (byte)b))
            {
                return [(byte)b];
            }
        }

        return null;
    }

    /// <summary>A character of the place from which the fewest lead to the end.</summary>
    private byte[]? Nearest(EbnfSite site)
    {
        long least = long.MaxValue;
        CharSet set = CharSet.None;
        foreach ((int node, EbnfStack? stack) in site.Places)
        {
            long cost = _program.Nodes[node].Cost + (stack?.Cost ?? 0);
            if (cost < least)
            {
                (least, set) = (cost, _program.Nodes[node].Set);
            }
        }

        for (int i = 0; i < set.Bounds.Length; i += 2)
        {
            for (int c = set.Bounds[i]; c < set.Bounds[i + 1]; c++)
            {
                if ((c >= ' ' || set.Bounds[i + 1] <= ' ' || set.Bounds.Length == 2 && set.Bounds[1] <= ' ') && c is < 0xD800 or >= 0xE000)
                {
                    return Encoding.UTF8.GetBytes(char.ConvertFromUtf32(c));
                }
            }
        }

        return null;
    }

    private bool Within(EbnfSite site, int first, int last)
    {
        CodeClasses classes = _program.Classes;
        for (int run = classes.RunOf(first); run < classes.Starts.Length && classes.Starts[run] <= last; run++)
        {
            if (!After(site, classes.RunClasses[run]).IsDead)
            {
                return true;
            }
        }

        return false;
    }

    private EbnfSite After(EbnfSite site, int codeClass)
    {
        if (site.After[codeClass] is { } known)
        {
            return known;
        }

        int codePoint = _program.Classes.Representatives[codeClass];
        List<(int, EbnfStack?)> next = [];
        foreach ((int node, EbnfStack? stack) in site.Places)
        {
            if (_program.Nodes[node].Set.Contains(codePoint))
            {
                next.Add((_program.Nodes[node].Next, stack));
            }
        }

        return site.After[codeClass] = Close(next);
    }

    /// <summary>Goes on from places to all that wait for a character.</summary>
    private EbnfSite Close(List<(int Node, EbnfStack? Stack)> from)
    {
        HashSet<(int, EbnfStack?)> seen = [];
        List<(int Node, EbnfStack? Stack)> places = [];
        Stack<(int Node, EbnfStack? Stack)> open = new(from);
        bool accepts = false;
        while (open.TryPop(out (int Node, EbnfStack? Stack) at))
        {
            if (!_program.IsLive(at.Node) || !seen.Add(at))
            {
                continue;
            }

            if (seen.Count > MaxPlaces)
            {
                throw new GrammarRefusedException("#", "limit", $"a text fits the grammar in more than {MaxPlaces} ways at once");
            }

            EbnfProgram.Node node = _program.Nodes[at.Node];
            switch (node.Kind)
            {
                case EbnfProgram.NodeKind.Take:
                    places.Add(at);
                    break;
                case EbnfProgram.NodeKind.Split:
                    foreach (int way in node.Ways)
                    {
                        open.Push((way, at.Stack));
                    }

                    break;
                case EbnfProgram.NodeKind.Call:
                    open.Push((node.Target, _program.Nodes[node.Next].Kind == EbnfProgram.NodeKind.End ? at.Stack : Push(node.Next, at.Stack)));
                    break;
                default:
                    accepts |= at.Stack is null;
                    if (at.Stack is not null)
                    {
                        open.Push((at.Stack.Node, at.Stack.Below));
                    }

                    break;
            }
        }

        places.Sort(static (a, b) => (a.Node, a.Stack?.Id ?? 0).CompareTo((b.Node, b.Stack?.Id ?? 0)));
        StringBuilder key = new(places.Count * 8);
        key.Append(accepts ? '+' : '-');
        foreach ((int node, EbnfStack? stack) in places)
        {
            key.Append(node).Append('.').Append(stack?.Id ?? 0).Append(' ');
        }

        // Ids are never given twice, so forgetting costs time, not truth.
        if (_sites.Count >= MaxKept)
        {
            _sites.Clear();
        }

        string name = key.ToString();
        if (!_sites.TryGetValue(name, out EbnfSite? site))
        {
            site = new EbnfSite(++_siteIds, [.. places], accepts, _program.Classes.Count);
            _sites.Add(name, site);
        }

        return site;
    }

    private EbnfStack Push(int node, EbnfStack? below)
    {
        if (!_stacks.TryGetValue((node, below?.Id ?? 0), out EbnfStack? stack))
        {
            if (_stacks.Count >= MaxKept)
            {
                _stacks.Clear();
            }

            stack = new EbnfStack(++_stackIds, node, below, _program.Nodes[node].Cost + (below?.Cost ?? 0));
            _stacks.Add((node, below?.Id ?? 0), stack);
        }

        return stack;
    }
}
