using XLLM.Scheduling.Speculation;

namespace XLLM.Engine.Speculation;

/// <summary>Drafts by prompt lookup. Indexes of ended requests are used again.</summary>
internal sealed class NgramSource(SpeculationOptions options) : IDraftSource
{
    private const int Least = 2;
    private const int Most = 4;

    // Found places say nothing of their probability; the rate of the request's acceptance corrects it.
    private const float EachProbability = 0.9f;

    private readonly Stack<NgramIndex> _spare = new();

    public bool IsCheap => true;

    public long Bytes => 0;

    public void Propose(ReadOnlySpan<DraftSlot> slots)
    {
        foreach (DraftSlot slot in slots)
        {
            NgramIndex index = (NgramIndex)(slot.State ??= NewIndex());
            slot.Begin();
            slot.Count = index.Find(slot.Request.Tokens, slot.Tokens.AsSpan(0, slot.Limit));
            slot.Match = index.MatchLength;
            float probability = 1;
            for (int i = 0; i < slot.Count; i++)
            {
                slot.Probabilities[i] = probability *= EachProbability;
            }
        }
    }

    public void End(DraftSlot slot)
    {
        if (slot.State is NgramIndex index && _spare.Count < 64)
        {
            index.Clear();
            _spare.Push(index);
        }

        slot.State = null;
    }

    public void Tend()
    {
    }

    public IReadOnlyList<string> CheckIntegrity() => [];

    public void Dispose()
    {
    }

    private NgramIndex NewIndex() =>
        _spare.TryPop(out NgramIndex? index) ? index : new NgramIndex(Least, Most, options.LocalTokens);
}
