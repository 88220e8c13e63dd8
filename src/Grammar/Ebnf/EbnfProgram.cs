using XLLM.Grammar.Text;

namespace XLLM.Grammar.Ebnf;

/// <summary>
/// A grammar as a graph of nodes: take a character and go on, call a rule and go on, go several ways, end a rule. Rules that no text
/// ends are cut off, so that every place has a completion. Immutable.
/// </summary>
internal sealed class EbnfProgram
{
    private const int Endless = int.MaxValue / 4;
    private const string RootName = "root";

    private readonly List<Node> _nodes = [];
    private readonly Dictionary<string, int> _starts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _ends = new(StringComparer.Ordinal);
    private readonly GrammarLimits _limits;

    private EbnfProgram(Dictionary<string, EbnfNode> rules, GrammarLimits limits)
    {
        _limits = limits;
        foreach (string name in rules.Keys)
        {
            _ends[name] = Add(new Node(NodeKind.End));
            _starts[name] = Add(new Node(NodeKind.Split));
        }

        foreach ((string name, EbnfNode body) in rules)
        {
            _nodes[_starts[name]].Ways = [Build(body, _ends[name])];
        }

        Start = _starts[RootName];
        Classes = CodeClasses.OfSets([.. _nodes.Where(n => n.Kind == NodeKind.Take).Select(n => n.Set)]);
        MeasureCosts();
    }

    internal enum NodeKind : byte
    {
        Take,
        Call,
        Split,
        End,
    }

    public int Start { get; }

    public CodeClasses Classes { get; }

    public IReadOnlyList<Node> Nodes => _nodes;

    /// <exception cref="GrammarRefusedException">A name without a rule, left recursion, no text, or too large.</exception>
    public static EbnfProgram Make(Dictionary<string, EbnfNode> rules, GrammarLimits limits)
    {
        if (!rules.ContainsKey(RootName))
        {
            throw new GrammarRefusedException("#", "grammar", "the rule 'root' is missing");
        }

        EbnfProgram program = new(rules, limits);
        program.CheckLeftRecursion();
        return program.IsLive(program.Start)
            ? program
            : throw new GrammarRefusedException("#root", "unsatisfiable", "no text ends the rule 'root'");
    }

    /// <summary>Whether the end of the node's rule can be reached.</summary>
    public bool IsLive(int node) => _nodes[node].Cost < Endless;

    private int Add(Node node)
    {
        if (_nodes.Count >= _limits.MaxFormulas)
        {
            throw new GrammarRefusedException("#", "limit", $"the grammar needs more than {_limits.MaxFormulas} nodes");
        }

        _nodes.Add(node);
        return _nodes.Count - 1;
    }

    private int Build(EbnfNode node, int next)
    {
        switch (node)
        {
            case EbnfNode.Chars chars:
                return Add(new Node(NodeKind.Take) { Set = chars.Set, Next = next });
            case EbnfNode.Sequence sequence:
                return sequence.Parts.Reverse().Aggregate(next, (rest, part) => Build(part, rest));
            case EbnfNode.Choice choice:
                return Add(new Node(NodeKind.Split) { Ways = [.. choice.Parts.Select(p => Build(p, next))] });
            case EbnfNode.Rule rule:
                return _starts.TryGetValue(rule.Name, out int start)
                    ? Add(new Node(NodeKind.Call) { Target = start, End = _ends[rule.Name], Next = next, Name = rule.Name })
                    : throw new GrammarRefusedException($"#{rule.Name}", "grammar", $"'{rule.Name}' has no rule");
            case EbnfNode.Repeat repeat:
                return Repeated(repeat, next);
            default:
                throw new InvalidOperationException("an unknown part of a grammar");
        }
    }

    private int Repeated(EbnfNode.Repeat repeat, int next)
    {
        int rest = next;
        if (repeat.Max < 0)
        {
            rest = Add(new Node(NodeKind.Split));
            _nodes[rest].Ways = [Build(repeat.Body, rest), next];
        }

        for (int i = repeat.Min; i < repeat.Max; i++)
        {
            rest = Add(new Node(NodeKind.Split) { Ways = [Build(repeat.Body, rest), next] });
        }

        for (int i = 0; i < repeat.Min; i++)
        {
            rest = Build(repeat.Body, rest);
        }

        return rest;
    }

    /// <summary>The fewest characters from each node to the end of its rule, until nothing changes.</summary>
    private void MeasureCosts()
    {
        foreach (Node node in _nodes)
        {
            node.Cost = node.Kind == NodeKind.End ? 0 : Endless;
        }

        List<int>[] dependents = new List<int>[_nodes.Count];
        for (int n = 0; n < _nodes.Count; n++)
        {
            Node node = _nodes[n];
            IEnumerable<int> uses = node.Kind switch
            {
                NodeKind.Take => [node.Next],
                NodeKind.Call => [node.Next, node.Target],
                _ => node.Ways,
            };
            foreach (int use in uses)
            {
                (dependents[use] ??= []).Add(n);
            }
        }

        Queue<int> queue = new(Enumerable.Range(0, _nodes.Count));
        while (queue.TryDequeue(out int n))
        {
            Node node = _nodes[n];
            int cost = node.Kind switch
            {
                NodeKind.End => 0,
                NodeKind.Take => node.Set.IsEmpty ? Endless : Math.Min(Endless, _nodes[node.Next].Cost + 1),
                NodeKind.Call => (int)Math.Min(Endless, (long)_nodes[node.Next].Cost + _nodes[node.Target].Cost),
                _ => node.Ways.Select(w => _nodes[w].Cost).DefaultIfEmpty(Endless).Min(),
            };
            if (cost < node.Cost)
            {
                node.Cost = cost;
                foreach (int user in dependents[n] ?? [])
                {
                    queue.Enqueue(user);
                }
            }
        }
    }

    /// <summary>No rule may come back to itself before a character is taken: such a stack would have no end.</summary>
    private void CheckLeftRecursion()
    {
        Dictionary<int, int> colour = [];
        foreach ((string name, int start) in _starts)
        {
            // An explicit stack: 1 = being looked at, 2 = done.
            Stack<(int Rule, bool Leave)> stack = new();
            stack.Push((start, false));
            while (stack.TryPop(out (int Rule, bool Leave) item))
            {
                if (item.Leave)
                {
                    colour[item.Rule] = 2;
                    continue;
                }

                if (colour.GetValueOrDefault(item.Rule) != 0)
                {
                    continue;
                }

                colour[item.Rule] = 1;
                stack.Push((item.Rule, true));
                foreach (int called in FirstCalls(item.Rule))
                {
                    if (colour.GetValueOrDefault(called) == 1)
                    {
                        throw new GrammarRefusedException(
                            $"#{name}", "left recursion", "a rule begins with itself; write it with a repetition instead");
                    }

                    stack.Push((called, false));
                }
            }
        }
    }

    private HashSet<int> FirstCalls(int rule)
    {
        HashSet<int> seen = [], calls = [];
        Stack<int> open = new([rule]);
        while (open.TryPop(out int n))
        {
            if (!seen.Add(n))
            {
                continue;
            }

            Node node = _nodes[n];
            if (node.Kind == NodeKind.Split)
            {
                foreach (int way in node.Ways)
                {
                    open.Push(way);
                }
            }
            else if (node.Kind == NodeKind.Call)
            {
                calls.Add(node.Target);
                if (_nodes[node.Target].Cost == 0)
                {
                    open.Push(node.Next);
                }
            }
        }

        return calls;
    }

    internal sealed class Node(NodeKind kind)
    {
        public NodeKind Kind { get; } = kind;

        public CharSet Set { get; init; } = CharSet.None;

        public int Next { get; init; } = -1;

        public int Target { get; init; } = -1;

        public int End { get; init; } = -1;

        public string Name { get; init; } = "";

        public int[] Ways { get; set; } = [];

        public int Cost { get; set; }
    }
}
