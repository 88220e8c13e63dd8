namespace XLLM.Grammar.Text;

/// <summary>
/// Makes and derives regular expressions (Brzozowski's derivatives with simplification up to associativity, commutativity and
/// idempotence, so that the states of any expression are finite in number). Not thread-safe.
/// </summary>
internal sealed class RegexPool
{
    private readonly Dictionary<Key, RegexNode> _nodes = [];
    private readonly Dictionary<(int Node, int CodePoint), RegexNode> _derivatives = [];
    private readonly int _maxSteps;
    private int _steps;

    public RegexPool(int maxSteps = int.MaxValue)
    {
        _maxSteps = maxSteps;
        Nothing = Intern(RegexKind.Nothing, false, [], CharSet.None, 0, 0);
        Epsilon = Intern(RegexKind.Epsilon, true, [], CharSet.None, 0, 0);
        Any = Set(CharSet.All);
        Everything = Repeat(Any, 0, -1);
    }

    public RegexNode Nothing { get; }

    public RegexNode Epsilon { get; }

    public RegexNode Any { get; }

    /// <summary>All strings.</summary>
    public RegexNode Everything { get; }

    public IEnumerable<CharSet> Sets => _nodes.Values.Where(n => n.Kind == RegexKind.Set).Select(n => n.Set);

    public RegexNode Set(CharSet set) =>
        set.IsEmpty ? Nothing : Intern(RegexKind.Set, false, [], set, 0, 0);

    public RegexNode Concat(RegexNode first, RegexNode rest)
    {
        RegexTooLargeException.CheckStack();
        if (first == Nothing || rest == Nothing)
        {
            return Nothing;
        }

        return first == Epsilon ? rest
            : rest == Epsilon ? first
            : first == Everything && rest == Everything ? Everything
            : first.Kind == RegexKind.Concat ? Concat(first.Parts[0], Concat(first.Parts[1], rest))
            : Intern(RegexKind.Concat, first.Nullable && rest.Nullable, [first, rest], CharSet.None, 0, 0);
    }

    public RegexNode Or(params IEnumerable<RegexNode> parts)
    {
        CharSet? set = null;
        var kept = new SortedDictionary<int, RegexNode>();
        foreach (RegexNode part in Flat(RegexKind.Or, parts))
        {
            if (part == Everything)
            {
                return Everything;
            }

            if (part.Kind == RegexKind.Set)
            {
                set = set is null ? part.Set : set.Union(part.Set);
            }
            else if (part != Nothing)
            {
                kept[part.Id] = part;
            }
        }

        if (set is not null)
        {
            RegexNode one = Set(set);
            kept[one.Id] = one;
        }

        Spend(kept.Count);
        return kept.Count switch
        {
            0 => Nothing,
            1 => kept.First().Value,
            _ => Intern(RegexKind.Or, kept.Values.Any(n => n.Nullable), [.. kept.Values], CharSet.None, 0, 0),
        };
    }

    public RegexNode And(params IEnumerable<RegexNode> parts)
    {
        var kept = new SortedDictionary<int, RegexNode>();
        foreach (RegexNode part in Flat(RegexKind.And, parts))
        {
            if (part == Nothing)
            {
                return Nothing;
            }

            if (part != Everything)
            {
                kept[part.Id] = part;
            }
        }

        if (kept.Values.Any(n => n == Epsilon))
        {
            return kept.Values.All(n => n.Nullable) ? Epsilon : Nothing;
        }

        Spend(kept.Count);
        return kept.Count switch
        {
            0 => Everything,
            1 => kept.First().Value,
            _ => Intern(RegexKind.And, kept.Values.All(n => n.Nullable), [.. kept.Values], CharSet.None, 0, 0),
        };
    }

    public RegexNode Not(RegexNode node) =>
        node == Nothing ? Everything
        : node == Everything ? Nothing
        : node.Kind == RegexKind.Not ? node.Parts[0]
        : Intern(RegexKind.Not, !node.Nullable, [node], CharSet.None, 0, 0);

    public RegexNode Repeat(RegexNode node, int min, int max)
    {
        if (max == 0 || node == Epsilon)
        {
            return Epsilon;
        }

        if (node == Nothing)
        {
            return min == 0 ? Epsilon : Nothing;
        }

        if (node.Kind == RegexKind.Repeat && node.Min == 0 && node.Max < 0)
        {
            return node;
        }

        min = node.Nullable ? 0 : min;
        return min == 1 && max == 1 ? node : Intern(RegexKind.Repeat, min == 0, [node], CharSet.None, min, max);
    }

    /// <summary>What may follow after the code point.</summary>
    public RegexNode Derive(RegexNode node, int codePoint)
    {
        switch (node.Kind)
        {
            case RegexKind.Nothing or RegexKind.Epsilon:
                return Nothing;
            case RegexKind.Set:
                return node.Set.Contains(codePoint) ? Epsilon : Nothing;
        }

        if (_derivatives.TryGetValue((node.Id, codePoint), out RegexNode? known))
        {
            return known;
        }

        Spend(1);
        RegexTooLargeException.CheckStack();

        RegexNode derived = node.Kind switch
        {
            RegexKind.Concat => DeriveConcat(node, codePoint),
            RegexKind.Or => Or(node.Parts.Select(p => Derive(p, codePoint))),
            RegexKind.And => And(node.Parts.Select(p => Derive(p, codePoint))),
            RegexKind.Not => Not(Derive(node.Parts[0], codePoint)),
            _ => Concat(
                Derive(node.Parts[0], codePoint),
                Repeat(node.Parts[0], Math.Max(0, node.Min - 1), node.Max < 0 ? -1 : node.Max - 1)),
        };
        return _derivatives[(node.Id, codePoint)] = derived;
    }

    private void Spend(int steps)
    {
        _steps += steps;
        if (_steps > _maxSteps)
        {
            throw new RegexTooLargeException();
        }
    }

    private RegexNode DeriveConcat(RegexNode node, int codePoint)
    {
        RegexNode first = Concat(Derive(node.Parts[0], codePoint), node.Parts[1]);
        return node.Parts[0].Nullable ? Or(first, Derive(node.Parts[1], codePoint)) : first;
    }

    private static IEnumerable<RegexNode> Flat(RegexKind kind, IEnumerable<RegexNode> parts) =>
        parts.SelectMany(p => p.Kind == kind ? p.Parts : [p]);

    private RegexNode Intern(RegexKind kind, bool nullable, RegexNode[] parts, CharSet set, int min, int max)
    {
        var key = new Key(kind, parts, set, min, max);
        if (!_nodes.TryGetValue(key, out RegexNode? node))
        {
            if (_nodes.Count > _maxSteps)
            {
                throw new RegexTooLargeException();
            }

            node = new RegexNode
            {
                Id = _nodes.Count, Kind = kind, Nullable = nullable, Parts = parts, Set = set, Min = min, Max = max,
            };
            _nodes.Add(key, node);
        }

        return node;
    }

    private readonly struct Key(RegexKind kind, RegexNode[] parts, CharSet set, int min, int max) : IEquatable<Key>
    {
        private readonly RegexKind _kind = kind;
        private readonly RegexNode[] _parts = parts;
        private readonly CharSet _set = set;
        private readonly int _min = min;
        private readonly int _max = max;

        public bool Equals(Key other) =>
            _kind == other._kind && _min == other._min && _max == other._max
            && _parts.AsSpan().SequenceEqual(other._parts) && _set.SameAs(other._set);

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode()
        {
            HashCode hash = default;
            hash.Add(_kind);
            hash.Add(_min);
            hash.Add(_max);
            hash.Add(_set.ContentHash());
            foreach (RegexNode part in _parts)
            {
                hash.Add(part.Id);
            }

            return hash.ToHashCode();
        }
    }
}
