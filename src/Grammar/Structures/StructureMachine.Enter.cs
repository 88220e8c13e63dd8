using XLLM.Grammar.Machine;

namespace XLLM.Grammar.Structures;

/// <summary>From the end of a part to all that may follow, without a byte.</summary>
internal sealed partial class StructureMachine
{
    /// <summary>All the ways into a node.</summary>
    private void Enter(StructureNode node, Tail? tail, Front front)
    {
        switch (node.Kind)
        {
            case NodeKind.Literal when node.Bytes.Length == 0:
                Continue(tail, front);
                return;
            case NodeKind.Literal or NodeKind.Until:
                Add(front, default, SpotOf(node, 0, tail, false));
                return;
            case NodeKind.Inner:
                ByteMachine inner = _inner[node.Inner];
                Cursor start = inner.Start;
                bool ends = inner.Accepts(start);
                if (!ends || inner.GoesOn(start))
                {
                    Add(front, start, SpotOf(node, 0, tail, false));
                }

                if (ends)
                {
                    Continue(tail, front);
                }

                return;
            case NodeKind.Sequence:
                EnterSequence(node, 0, tail, front);
                return;
            case NodeKind.OneOf:
                foreach (StructureNode part in node.Parts)
                {
                    Enter(part, tail, front);
                }

                return;
            case NodeKind.Repeat:
                EnterRepeat(node, 0, tail, front);
                return;
            default:
                EnterTriggered(node, 0, tail, front);
                return;
        }
    }

    private void Continue(Tail? tail, Front front)
    {
        if (tail is null)
        {
            front.Accepts = true;
            return;
        }

        if (!front.Continued.Add(tail))
        {
            return;
        }

        switch (tail.Node.Kind)
        {
            case NodeKind.Sequence:
                EnterSequence(tail.Node, tail.Count, tail.Below, front);
                return;
            case NodeKind.Repeat:
                EnterRepeat(tail.Node, tail.Count, tail.Below, front);
                return;
            default:
                EnterTriggered(tail.Node, tail.Count, tail.Below, front);
                return;
        }
    }

    private void EnterSequence(StructureNode node, int next, Tail? tail, Front front)
    {
        if (next == node.Parts.Length)
        {
            Continue(tail, front);
            return;
        }

        Enter(node.Parts[next], next + 1 < node.Parts.Length ? TailOf(node, next + 1, tail) : tail, front);
    }

    private void EnterRepeat(StructureNode node, int count, Tail? tail, Front front)
    {
        if (count >= node.Min)
        {
            Continue(tail, front);
        }

        if (node.Max < 0 || count < node.Max)
        {
            Enter(node.Parts[0], TailOf(node, node.CountAfter(count), tail), front);
        }
    }

    private void EnterTriggered(StructureNode node, int count, Tail? tail, Front front)
    {
        if (count >= node.Min)
        {
            Continue(tail, front);
        }

        if (node.Max < 0 || count < node.Max)
        {
            Add(front, default, SpotOf(node, count, tail, false));
        }
    }
}
