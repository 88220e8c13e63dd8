using System.Numerics;
using XLLM.Contracts.Ids;
using XLLM.Engine.Loop;
using XLLM.Scheduling.Batching;
using XLLM.Scheduling.Speculation;

namespace XLLM.Engine.Speculation;

/// <summary>
/// Speculative decoding of an engine: which requests get drafts, how long they are, and what became of them. Rows for drafts
/// are shared out per step by what they are expected to gain, and use only what a plan has left. Engine's thread.
/// </summary>
internal sealed class Speculator : IDisposable
{
    private const int MostRowsLikeDrafts = 128;

    // Requests come and go: what is known of drafts after matches of a length is kept much longer than what is known of one.
    private const int MatchKinds = 8;
    private const float MatchMemory = 0.999f;

    // What a model's guesses are worth before any was made.
    private const float Typical = 0.9f;

    private readonly SpeculationOptions _options;
    private readonly IDraftSource _source;
    private readonly int _contextLength;
    private readonly TimeProvider _time;
    private readonly SpeculationMetrics _metrics;
    private readonly DraftBudget _budget = new();
    private readonly RowCost _rowCost = new();
    private readonly Stack<DraftSlot> _spare = new();
    private readonly float[] _expected;
    private readonly double[] _costs;
    private readonly AcceptanceRate[] _matchRates = new AcceptanceRate[MatchKinds];
    private readonly long[] _acceptedByPosition;
    private DraftSlot[] _slots = [];
    private DraftSlot[] _stale = [];
    private int[] _parts = [];
    private int _count;
    private double _guessSeconds;
    private double _waitAhead;
    private double _waitElse;
    private long _drafts;
    private long _draftTokens;
    private long _acceptedTokens;

    public Speculator(SpeculationOptions options, IDraftSource source, InstanceId instance, int contextLength, TimeProvider time)
    {
        _options = options;
        _source = source;
        _contextLength = contextLength;
        _time = time;
        _metrics = new SpeculationMetrics(instance, options.MaxDraftTokens);
        _expected = new float[options.MaxDraftTokens];
        _acceptedByPosition = new long[options.MaxDraftTokens];
        _costs = new double[Math.Max(options.MaxRows, options.MaxDraftTokens) + 1];
    }

    /// <summary>Accepted tokens by place in the draft.</summary>
    public ReadOnlySpan<long> AcceptedByPosition => _acceptedByPosition;

    /// <summary>
    /// Whether the step after the one to come should be planned with a draft of the request, and therefore only when the
    /// token to come is known. <paramref name="rows"/> is a step's size without drafts.
    /// </summary>
    public bool Wants(EngineRequest request, int rows)
    {
        if (!CanDraft(request))
        {
            return false;
        }

        DraftSlot slot = SlotOf(request);
        slot.Limit = LimitOf(request);
        Span<float> expected;
        float first = 1;
        if (_source.IsCheap)
        {
            // The proposal's first token is the one to come; the draft would be what follows if it comes.
            Propose(slot);
            expected = ExpectedOf(slot, slot.Count);
            slot.Rate.Correct(expected);
            first = expected.Length > 0 ? expected[0] : 0;
            expected = expected.Length > 0 ? expected[1..] : expected;
            for (int i = 0; first > 0 && i < expected.Length; i++)
            {
                expected[i] /= first;
            }
        }
        else
        {
            expected = Guessable(slot);
            slot.Rate.Correct(expected);
        }

        ReadOnlySpan<double> costs = Costs(rows, expected.Length, _source.IsCheap ? 0 : GuessShare);
        _budget.Clear();
        _budget.Offer(expected);
        _budget.Share(rows, costs);
        bool pays = _budget.LengthOf(0) > 0 && first * _budget.Gain > WaitShare(costs[0]);
        if (!pays && (slot.Count > 0 || !_source.IsCheap))
        {
            Rest(slot);
        }

        return pays;
    }

    /// <summary>Adds drafts to a plan all of whose tokens are known. Called after planning, before the step is built.</summary>
    public void AddDrafts(StepPlan plan, BatchPlanner planner)
    {
        Collect(plan);
        if (_count == 0)
        {
            return;
        }

        int room = Math.Min(_options.MaxRows, planner.TokensLeft);
        if (!_source.IsCheap)
        {
            LimitToExpected(plan.Tokens, room);
        }

        ProposeAll();
        _budget.Clear();
        for (int i = 0; i < _count; i++)
        {
            DraftSlot slot = _slots[i];
            if (slot.Request.Guide is { } guide)
            {
                slot.Count = guide.Fitting(slot.Tokens.AsSpan(0, slot.Count));
            }

            Span<float> expected = ExpectedOf(slot, slot.Count);
            slot.Rate.Correct(expected);
            _budget.Offer(expected);
        }

        _budget.Share(plan.Tokens, Costs(plan.Tokens, room, 0));
        for (int i = 0; i < _count; i++)
        {
            int length = _budget.LengthOf(i);
            if (length > 0)
            {
                planner.AddDraft(_parts[i], _slots[i].Tokens.AsSpan(0, length));
            }
            else if (_slots[i].Count > 0)
            {
                Rest(_slots[i]);
            }
        }
    }

    /// <summary>A draft was verified.</summary>
    public void Verified(EngineRequest request, int drafted, int accepted)
    {
        _drafts++;
        _draftTokens += drafted;
        _acceptedTokens += accepted;
        for (int i = 0; i < accepted; i++)
        {
            _acceptedByPosition[i]++;
        }

        _metrics.Verified(drafted, accepted);
        if (request.Speculation is { } slot)
        {
            slot.Rate.Observe(ExpectedOf(slot, drafted), accepted);
            RateOf(slot).Observe(slot.Probabilities.AsSpan(0, drafted), accepted);
        }
    }

    /// <summary>Puts drafts verified, their tokens and those accepted among the engine's numbers.</summary>
    public void Count(ref EngineCounters.Numbers numbers)
    {
        numbers.SpecDrafts = _drafts;
        numbers.SpecDraftTokens = _draftTokens;
        numbers.SpecAcceptedTokens = _acceptedTokens;
    }

    /// <summary>
    /// A step of so many rows took so long, after so long a wait for it: short when it had been planned <paramref name="ahead"/>.
    /// </summary>
    public void StepRan(int rows, double seconds, double wait, bool ahead)
    {
        // Of waits, the usual ones count.
        double usual = ahead ? _waitAhead : _waitElse;
        double by = Math.Min(wait, usual > 0 ? 4 * usual : wait) - usual;
        if (ahead)
        {
            _waitAhead += 0.1 * by;
        }
        else
        {
            _waitElse += 0.1 * by;
        }

        // Rows of long prompts are computed in another way than a few.
        if (rows <= MostRowsLikeDrafts)
        {
            _rowCost.Observe(rows, seconds);
        }

        _source.Tend();
    }

    /// <summary>The request has ended.</summary>
    public void End(EngineRequest request)
    {
        if (request.Speculation is { } slot)
        {
            _source.End(slot);
            slot.Free();
            request.Speculation = null;
            _spare.Push(slot);
        }
    }

    public IReadOnlyList<string> CheckIntegrity() => _source.CheckIntegrity();

    public void Dispose() => _source.Dispose();

    // What it costs to wait for a step's tokens before the next is planned, as a share of a step.
    private double WaitShare(double step) => _options.RowCost > 0 || _rowCost.BaseSeconds == 0 ? 0
        : Math.Max(0, _waitElse - _waitAhead) / (_rowCost.BaseSeconds * step);

    private double GuessShare => _options.RowCost > 0 ? _options.RowCost
        : _rowCost.BaseSeconds > 0 ? _guessSeconds / _rowCost.BaseSeconds : 0;

    // Of a step with 0 to so many rows for drafts, each guess of which costs something by itself.
    private ReadOnlySpan<double> Costs(int rows, int room, double guess)
    {
        Span<double> costs = _costs.AsSpan(0, Math.Max(0, room) + 1);
        for (int i = 0; i < costs.Length; i++)
        {
            double step = _options.RowCost > 0 ? 1 + (_options.RowCost * (rows + i)) : _rowCost.Of(rows + i);
            costs[i] = step + (guess * i);
        }

        return costs;
    }

    // What a model's guesses are worth before they are made.
    private Span<float> Guessable(DraftSlot slot)
    {
        Span<float> expected = _expected.AsSpan(0, slot.Limit);
        float probability = 1;
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i] = probability *= Typical;
        }

        RateOf(slot).Correct(expected);
        return expected;
    }

    private void Collect(StepPlan plan)
    {
        _count = 0;
        for (int i = 0; i < plan.Parts.Count; i++)
        {
            StepPart part = plan.Parts[i];
            EngineRequest request = (EngineRequest)part.Sequence;
            if (part.Tokens == 1 && part.Outputs == 1 && request.Pending == 1 && CanDraft(request))
            {
                if (_count == _slots.Length)
                {
                    Array.Resize(ref _slots, Math.Max(16, 2 * _count));
                    Array.Resize(ref _stale, _slots.Length);
                    Array.Resize(ref _parts, _slots.Length);
                }

                _slots[_count] = SlotOf(request);
                _slots[_count].Limit = LimitOf(request);
                _parts[_count++] = i;
            }
        }
    }

    // Guesses cost time even when they are not verified: no more are made than are expected to pay.
    private void LimitToExpected(int rows, int room)
    {
        _budget.Clear();
        for (int i = 0; i < _count; i++)
        {
            Span<float> expected = Guessable(_slots[i]);
            _slots[i].Rate.Correct(expected);
            _budget.Offer(expected);
        }

        ReadOnlySpan<double> costs = Costs(rows, room, GuessShare);
        _budget.Share(rows, costs);
        float least = costs.Length < 2 ? 1 : (float)(rows * (costs[1] - costs[0]) / costs[0]);
        for (int i = 0; i < _count; i++)
        {
            _slots[i].Limit = _budget.LengthOf(i);
            _slots[i].Least = least;
        }
    }

    private void ProposeAll()
    {
        int stale = 0;
        for (int i = 0; i < _count; i++)
        {
            if (!_slots[i].IsCurrent)
            {
                _stale[stale++] = _slots[i];
            }
        }

        if (stale == 0)
        {
            return;
        }

        long started = _time.GetTimestamp();
        _source.Propose(_stale.AsSpan(0, stale));
        double seconds = _time.GetElapsedTime(started).TotalSeconds;
        _metrics.Proposed(seconds);
        int guesses = 0;
        for (int i = 0; i < stale; i++)
        {
            guesses += _stale[i].Count;
        }

        if (guesses > 0)
        {
            _guessSeconds += ((seconds / guesses) - _guessSeconds) * (_guessSeconds > 0 ? 0.1 : 1);
        }
    }

    private void Propose(DraftSlot slot)
    {
        if (!slot.IsCurrent)
        {
            _source.Propose(new ReadOnlySpan<DraftSlot>(in slot));
        }
    }

    /// <summary>The source's probabilities, corrected by how drafts after such matches fare in all requests.</summary>
    private Span<float> ExpectedOf(DraftSlot slot, int count)
    {
        Span<float> expected = _expected.AsSpan(0, count);
        slot.Probabilities.AsSpan(0, count).CopyTo(expected);
        RateOf(slot).Correct(expected);
        return expected;
    }

    // Matches of 1, 2, 3, 4 to 7, 8 to 15, ... tokens.
    private ref AcceptanceRate RateOf(DraftSlot slot) => ref _matchRates[
        slot.Match < 4 ? slot.Match : Math.Min(MatchKinds - 1, 2 + BitOperations.Log2((uint)slot.Match))];

    private void Rest(DraftSlot slot)
    {
        slot.Rate.Rest();
        RateOf(slot).Rest(MatchMemory);
    }

    private bool CanDraft(EngineRequest request) => !request.WantsAllRows && !request.IsFinished && LimitOf(request) > 0;

    // The last token a request may have is drawn, never drafted.
    private int LimitOf(EngineRequest request) => Math.Min(
        _options.MaxDraftTokens,
        Math.Min(request.Request.Stop.MaxTokens - request.Generated, _contextLength - request.Count) - 1);

    private DraftSlot SlotOf(EngineRequest request)
    {
        if (request.Speculation is null)
        {
            request.Speculation = _spare.TryPop(out DraftSlot? spare) ? spare : new DraftSlot(_options.MaxDraftTokens);
            request.Speculation.Take(request);
        }

        return request.Speculation;
    }
}
