using System.Text;
using XLLM.Contracts.Requests;
using XLLM.Grammar.Machine;

namespace XLLM.Grammar.Structures;

/// <summary>Makes the checked tree of a structure, and its leaves' machines, each source once.</summary>
internal sealed class StructureBuilder
{
    private const int MaxTimes = 10_000;

    private readonly GrammarOptions _options;
    private readonly List<Func<ByteMachine>> _machines = [];
    private readonly Dictionary<(StructureKind, string, bool), int> _known = [];
    private int _nodes;
    private long _bytes;

    private StructureBuilder(GrammarOptions options) => _options = options;

    /// <summary>A leaf alone is its own machine.</summary>
    public static Func<ByteMachine> Build(OutputStructure structure, GrammarOptions options)
    {
        StructureBuilder builder = new(options);
        if (structure.Kind is StructureKind.JsonSchema or StructureKind.Regex or StructureKind.Choice or StructureKind.Ebnf)
        {
            return builder.MachineOf(structure);
        }

        StructureNode root = builder.Node(structure, 1);
        return () => new StructureMachine(root, [.. builder._machines.Select(m => m())], options.Limits);
    }

    private StructureNode Node(OutputStructure part, int depth)
    {
        int id = ++_nodes;
        if (id > OutputStructure.MaxNodes || depth > OutputStructure.MaxDepth)
        {
            throw Refused("limit",
                $"a structure has at most {OutputStructure.MaxNodes} parts, {OutputStructure.MaxDepth} above each other");
        }

        switch (part.Kind)
        {
            case StructureKind.Literal or StructureKind.Token:
                return new StructureNode(id, NodeKind.Literal) { Bytes = BytesOf(part) };
            case StructureKind.JsonSchema or StructureKind.Regex or StructureKind.Choice or StructureKind.Ebnf:
                return new StructureNode(id, NodeKind.Inner) { Inner = InnerOf(part) };
            case StructureKind.Sequence:
                return new StructureNode(id, NodeKind.Sequence) { Parts = Nodes(part.Parts.AsSpan(), depth) };
            case StructureKind.OneOf:
                Require(part.Parts.AsSpan().Length > 0, "one of no parts is wanted");
                return new StructureNode(id, NodeKind.OneOf) { Parts = Nodes(part.Parts.AsSpan(), depth) };
            case StructureKind.Repeat:
                Require(part.Parts.AsSpan().Length == 1, "one part can be repeated");
                CheckTimes(part);
                return new StructureNode(id, NodeKind.Repeat)
                {
                    Parts = Nodes(part.Parts.AsSpan(), depth), Min = part.Min, Max = part.Max,
                };
            case StructureKind.Until:
                return new StructureNode(id, NodeKind.Until) { Marks = Marks([.. part.Parts.AsSpan()], out _) };
            case StructureKind.Triggered:
                CheckTimes(part);
                OutputStructure[] parts = [.. part.Parts.AsSpan()];
                MarkAutomaton marks = Marks([.. parts.Select(MarkOf)], out int[] markOf);
                return new StructureNode(id, NodeKind.Triggered)
                {
                    Marks = marks,
                    MarkOf = markOf,
                    Parts = [.. parts.Select(p => p.Kind == StructureKind.Sequence
                        ? new StructureNode(++_nodes, NodeKind.Sequence) { Parts = Nodes(p.Parts.AsSpan()[1..], depth + 1) }
                        : new StructureNode(++_nodes, NodeKind.Literal))],
                    Min = part.Min,
                    Max = part.Max,
                };
            default:
                throw Refused("structure", $"{(int)part.Kind} is no kind of structure");
        }
    }

    private StructureNode[] Nodes(ReadOnlySpan<OutputStructure> parts, int depth)
    {
        StructureNode[] nodes = new StructureNode[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            nodes[i] = Node(parts[i], depth + 1);
        }

        return nodes;
    }

    private static OutputStructure MarkOf(OutputStructure part)
    {
        OutputStructure? mark = part.Kind == StructureKind.Sequence ? part.Parts.AsSpan().IsEmpty ? null : part.Parts[0] : part;
        Require(
            mark is { Kind: StructureKind.Literal or StructureKind.Token },
            "a part in free text has to begin with a literal or a token");
        return mark!;
    }

    private MarkAutomaton Marks(OutputStructure[] parts, out int[] markOf)
    {
        Require(parts.Length > 0, "free text needs a mark");
        List<byte[]> marks = [];
        markOf = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            Require(parts[i].Kind is StructureKind.Literal or StructureKind.Token, "a mark is a literal or a token");
            byte[] bytes = BytesOf(parts[i]);
            Require(bytes.Length > 0, "a mark may not be empty");
            markOf[i] = marks.FindIndex(m => m.AsSpan().SequenceEqual(bytes));
            if (markOf[i] < 0)
            {
                byte[]? other = marks.Find(m => m.AsSpan().IndexOf(bytes) >= 0 || bytes.AsSpan().IndexOf(m) >= 0);
                Require(other is null, $"the mark '{parts[i].Text}' and another are parts of each other");
                markOf[i] = marks.Count;
                marks.Add(bytes);
            }
        }

        // A state of the automaton has a kilobyte.
        Require(marks.Sum(m => m.Length) <= 1 << 14, "the marks of a free text have more than 16,384 bytes");
        return new MarkAutomaton([.. marks]);
    }

    private byte[] BytesOf(OutputStructure part)
    {
        if (part.Kind == StructureKind.Token)
        {
            Require(part.Token >= 0, $"{part.Token} is no token");
            return SpecialToken.Spell(part.Token);
        }

        ArgumentNullException.ThrowIfNull(part.Text);
        byte[] bytes = Encoding.UTF8.GetBytes(part.Text);
        Spend(bytes.Length);
        return bytes;
    }

    private int InnerOf(OutputStructure part)
    {
        if (part.Kind == StructureKind.Choice)
        {
            _machines.Add(MachineOf(part));
            return _machines.Count - 1;
        }

        (StructureKind, string, bool) key = (part.Kind, part.Text, part.AnyOrder);
        if (!_known.TryGetValue(key, out int inner))
        {
            inner = _machines.Count;
            _machines.Add(MachineOf(part));
            _known.Add(key, inner);
        }

        return inner;
    }

    private Func<ByteMachine> MachineOf(OutputStructure part)
    {
        Spend(part.Text.Length);
        GrammarOptions options = _options with { AnyOrder = part.AnyOrder };
        return part.Kind switch
        {
            StructureKind.JsonSchema => GrammarCompiler.SchemaMachine(part.Text, options),
            StructureKind.Regex => GrammarCompiler.PatternMachine(part.Text, options),
            StructureKind.Choice => GrammarCompiler.ChoiceMachine([.. part.Choices.AsSpan()], options),
            _ => GrammarCompiler.EbnfMachine(part.Text, options),
        };
    }

    private void Spend(int bytes)
    {
        _bytes += bytes;
        if (_bytes > _options.Limits.MaxSourceBytes)
        {
            throw Refused("limit", $"the parts are larger than {_options.Limits.MaxSourceBytes} bytes together");
        }
    }

    private static void CheckTimes(OutputStructure part) =>
        Require(
            part.Min >= 0 && part.Min <= MaxTimes && part.Max <= MaxTimes && (part.Max == -1 || part.Max >= part.Min),
            $"between {part.Min} and {part.Max} times is wanted; it must be 0 to {MaxTimes}, or -1 as the most");

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw Refused("structure", otherwise);
        }
    }

    private static GrammarRefusedException Refused(string cause, string message) => new("#", cause, message);
}
