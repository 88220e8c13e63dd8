namespace XLLM.Scheduling.Speculation;

/// <summary>The audit of a tree.</summary>
public sealed partial class SuffixTree
{
    /// <summary>Looks through all nodes. Empty = sound; else one line a fault.</summary>
    public IReadOnlyList<string> CheckIntegrity()
    {
        List<string> faults = [];
        Stack<int> open = new([Root]);
        int nodes = 0;
        while (open.TryPop(out int node))
        {
            nodes++;
            int children = 0;
            int continued = 0;
            int best = 0;
            for (int child = _nodes[node].FirstChild; child != None && nodes + open.Count <= NodeCount; child = _nodes[child].Next)
            {
                open.Push(child);
                children++;
                continued += _nodes[child].Count;
                best = Math.Max(best, _nodes[child].Count);
                if (_nodes[child].Parent != node || Find(node, TextAt(_nodes[child].Start)) != child)
                {
                    faults.Add($"node {child} is not found as a child of {node}");
                }
            }

            CheckNode(faults, node, children, continued, best);
        }

        if (nodes != NodeCount || _nodes[Root].Count != Count)
        {
            faults.Add($"{nodes} nodes of {NodeCount} are in the tree, {_nodes[Root].Count} runs of {Count}");
        }

        return faults;
    }

    private void CheckNode(List<string> faults, int node, int children, int continued, int best)
    {
        ref Node its = ref _nodes[node];
        if (its.Continued != continued || its.Count < continued)
        {
            faults.Add($"node {node} counts {its.Count} runs, {its.Continued} that go on; its children have {continued}");
        }

        if (its.Best != Unknown && (its.Best == None ? children > 0 : _nodes[its.Best].Count != best))
        {
            faults.Add($"node {node} takes {its.Best} for its best child, which another is");
        }

        if (node != Root && (its.Length < 1 || its.Count < 1 || (children == 1 && its.Count == continued)))
        {
            faults.Add($"node {node} with {children} children, {its.Count} runs and length {its.Length} should not be");
        }

        if (node != Root && (unchecked(its.Start - _first) < 0 || unchecked(its.Start - _end) >= 0))
        {
            faults.Add($"the edge of node {node} begins at {its.Start}, outside of {_first} to {_end}");
        }
    }
}
