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
    private readonly long[] _acceptedByPosition;
    private DraftSlot[] _slots = [];
    private DraftSlot[] _stale = [];
    private int[] _parts = [];
    private int _count;
    private double _guessSeconds;
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
    }

    /// <summary>Accepted tokens by place in the draft.</summary>
    public ReadOnlySpan<long> AcceptedByPosition => _acceptedByPosition;

    /// <summary>Cost of a row over the cost of a step before its rows, as taken at present.</summary>
    public double RowShare => _options.RowCost > 0 ? _options.RowCost : _rowCost.Share;

    /// <summary>
    /// Whether the next step should be planned with a draft of the request, and therefore only when its tokens are known.
    /// <paramref name="rows"/> is the step's size without drafts.
    /// </summary>
    public bool Wants(EngineRequest request, int rows)
    {
        if (!CanDraft(request))
        {
            return false;
        }

        DraftSlot slot = SlotOf(request);
        float likely = slot.Rate.Value * Typical;
        if (_source.IsCheap)
        {
            slot.Limit = LimitOf(request);
            Propose(slot);
            slot.Rate.Correct(Copy(slot.Probabilities.AsSpan(0, slot.Count)));
            likely = slot.Count > 0 ? _expected[0] : 0;
        }

        bool pays = likely > Threshold(rows, _source.IsCheap ? RowShare : RowShare + GuessShare);
        if (!pays && (slot.Count > 0 || !_source.IsCheap))
        {
            slot.Rate.Rest();
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
            Span<float> expected = Copy(slot.Probabilities.AsSpan(0, slot.Count));
            slot.Rate.Correct(expected);
            _budget.Offer(expected);
        }

        _budget.Share(plan.Tokens, room, RowShare);
        for (int i = 0; i < _count; i++)
        {
            int length = _budget.LengthOf(i);
            if (length > 0)
            {
                planner.AddDraft(_parts[i], _slots[i].Tokens.AsSpan(0, length));
            }
            else if (_slots[i].Count > 0)
            {
                _slots[i].Rate.Rest();
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
            slot.Rate.Observe(slot.Probabilities.AsSpan(0, drafted), accepted);
        }
    }

    /// <summary>Puts drafts verified, their tokens and those accepted among the engine's numbers.</summary>
    public void Count(ref EngineCounters.Numbers numbers)
    {
        numbers.SpecDrafts = _drafts;
        numbers.SpecDraftTokens = _draftTokens;
        numbers.SpecAcceptedTokens = _acceptedTokens;
    }

    /// <summary>A step of so many rows took so long.</summary>
    public void StepRan(int rows, double seconds)
    {
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

    private double GuessShare => _options.RowCost > 0 ? _options.RowCost
        : _rowCost.BaseSeconds > 0 ? _guessSeconds / _rowCost.BaseSeconds : 0;

    // A row pays when its token is likelier than this.
    private static double Threshold(int rows, double rowCost) => rowCost * rows / (1 + (rowCost * rows));

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
            Span<float> expected = _expected.AsSpan(0, _slots[i].Limit);
            float probability = 1;
            for (int j = 0; j < expected.Length; j++)
            {
                expected[j] = probability *= Typical;
            }

            _slots[i].Rate.Correct(expected);
            _budget.Offer(expected);
        }

        _budget.Share(rows, room, RowShare + GuessShare);
        float least = (float)Threshold(rows, RowShare + GuessShare);
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

    private Span<float> Copy(ReadOnlySpan<float> probabilities)
    {
        probabilities.CopyTo(_expected);
        return _expected.AsSpan(0, probabilities.Length);
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
