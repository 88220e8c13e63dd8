using XLLM.Scheduling.Speculation;

namespace XLLM.Engine.Speculation;

/// <summary>A suffix tree that follows a growing text. Engine's thread.</summary>
internal sealed class LocalTree(SuffixTree tree)
{
    private int _known;

    public SuffixTree Tree => tree;

    public void Clear()
    {
        tree.Clear();
        _known = 0;
    }

    /// <summary>Takes up to <paramref name="most"/> new tokens of the text. True when it knows them all.</summary>
    public bool Follow(ReadOnlySpan<int> text, int most)
    {
        // What would have left the window by the end need not enter it.
        _known = Math.Max(_known, text.Length - tree.Window);
        int end = Math.Min(text.Length, _known + most);
        for (; _known < end; _known++)
        {
            tree.Append(text[_known]);
        }

        return _known == text.Length;
    }
}
