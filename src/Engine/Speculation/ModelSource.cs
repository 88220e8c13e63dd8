using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Sampling;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Speculation;

/// <summary>
/// Drafts from a small model with KV of its own. All requests' next guesses are one step of that model. A request that it has
/// not followed yet (a long prompt, a prefix hit of the large model, KV given up for others) is caught up with in chunks, one
/// a step, and gets no draft until then. Blocks are taken from the request unused for longest when they run out. Guesses are
/// drawn with the random numbers that the large model's tokens will be drawn with, so that alike distributions give the same
/// token. Owns the runner.
/// </summary>
internal sealed class ModelSource : IDraftSource
{
    // Tokens of prompts that are computed in one go, so that running requests wait for little.
    private const int CatchUp = 256;

    private readonly IModelRunner _runner;
    private readonly int _maxDraftTokens;
    private readonly BlockPool _pool;
    private readonly StepInput _input;
    private readonly Sampler _sampler;
    private readonly float[] _logits;
    private readonly int _vocabulary;
    private readonly List<DraftKv> _held = [];
    private readonly Stack<DraftKv> _spare = new();
    private readonly DraftSlot[] _live;
    private long _calls;

    public ModelSource(IModelRunner runner, int maxDraftTokens, int maxSequences)
    {
        _runner = runner;
        _maxDraftTokens = maxDraftTokens;
        _pool = new BlockPool(runner.Blocks, runner.BlockTokens);
        int sequences = Math.Min(maxSequences, Math.Min(runner.MaxTokens, runner.MaxOutputs));
        _vocabulary = runner.Model.VocabularySize;
        _input = new StepInput(runner.MaxTokens, sequences);
        _sampler = new Sampler(_vocabulary);
        _logits = new float[checked(sequences * _vocabulary)];
        _live = new DraftSlot[sequences];
    }

    public bool IsCheap => false;

    public long Bytes => 4L * _logits.Length;

    public void Propose(ReadOnlySpan<DraftSlot> slots)
    {
        _calls++;
        foreach (DraftSlot slot in slots)
        {
            slot.Begin();
        }

        for (int live = BeginStep(slots); live > 0; live = NextStep(live))
        {
            if (!TryRun())
            {
                return;
            }

            Draw(live);
        }
    }

    public void End(DraftSlot slot)
    {
        if (slot.State is DraftKv kv)
        {
            GiveUp(kv);
            slot.State = null;
            _held.Remove(kv);
            _spare.Push(kv);
        }
    }

    public void Tend()
    {
    }

    public IReadOnlyList<string> CheckIntegrity() =>
        [.. _pool.CheckIntegrity(_held.Select(kv => kv.Table)).Select(fault => "draft model: " + fault)];

    public void Dispose() => _runner.Dispose();

    /// <summary>Tokens that the requests have and the draft model has not. Returns how many requests get a guess.</summary>
    private int BeginStep(ReadOnlySpan<DraftSlot> slots)
    {
        _input.Clear();
        int live = 0;
        int room = Math.Min(_input.MaxTokens, CatchUp + slots.Length);
        bool runs = false;
        foreach (DraftSlot slot in slots)
        {
            if (slot.Limit == 0 || _input.SequenceCount == _live.Length || slot.Request.Count >= _runner.Model.ContextLength)
            {
                continue;
            }

            ReadOnlySpan<int> text = slot.Request.Tokens;
            DraftKv kv = KvOf(slot);
            kv.Rewind(text);
            int tokens = Math.Min(text.Length - kv.Computed, room);
            if (tokens > 0 && TryEnsureBlocks(kv, kv.Computed + tokens))
            {
                bool guesses = kv.Computed + tokens == text.Length;
                _input.Add(text.Slice(kv.Computed, tokens), kv.Computed, kv.Table.Blocks, guesses ? 1 : 0);
                kv.Advance(tokens);
                room -= tokens;
                runs = true;
                if (guesses)
                {
                    _live[live++] = slot;
                }
            }
        }

        if (runs && live == 0)
        {
            TryRun();
        }

        return live;
    }

    /// <summary>The guesses just drawn, as far as more are wanted after them.</summary>
    private int NextStep(int live)
    {
        _input.Clear();
        int next = 0;
        for (int i = 0; i < live; i++)
        {
            DraftSlot slot = _live[i];
            DraftKv kv = (DraftKv)slot.State!;
            if (slot.Count < slot.Limit && slot.Count > 0 && slot.Probabilities[slot.Count - 1] >= slot.Least
                && kv.Computed + 1 < _runner.Model.ContextLength && TryEnsureBlocks(kv, kv.Computed + 1))
            {
                int guess = slot.Tokens[slot.Count - 1];
                _input.Add([guess], kv.Computed, kv.Table.Blocks, 1);
                kv.Guess(guess);
                _live[next++] = slot;
            }
        }

        return next;
    }

    private void Draw(int live)
    {
        for (int i = 0; i < live; i++)
        {
            DraftSlot slot = _live[i];
            ReadOnlySpan<float> row = _logits.AsSpan(i * _vocabulary, _vocabulary);
            if (_sampler.TryGuess(row, slot.Request.Sampler, slot.Count, out int token, out float probability))
            {
                float before = slot.Count > 0 ? slot.Probabilities[slot.Count - 1] : 1;
                slot.Tokens[slot.Count] = token;
                slot.Probabilities[slot.Count++] = before * probability;
            }
            else
            {
                slot.Limit = slot.Count;
            }
        }
    }

    // A draft model that fails costs drafts, not requests.
    private bool TryRun()
    {
        try
        {
            _runner.Run(_input, _logits.AsSpan(0, _input.OutputCount * _vocabulary));
            return true;
        }
        catch (Exception)
        {
            Failures++;
            _held.ForEach(GiveUp);
            return false;
        }
    }

    /// <summary>Steps of the draft model that threw.</summary>
    public long Failures { get; private set; }

    private DraftKv KvOf(DraftSlot slot)
    {
        if (slot.State is not DraftKv kv)
        {
            kv = _spare.TryPop(out DraftKv? spare) ? spare : new DraftKv(_maxDraftTokens);
            slot.State = kv;
            _held.Add(kv);
        }

        kv.LastUse = _calls;
        return kv;
    }

    private bool TryEnsureBlocks(DraftKv kv, int tokens)
    {
        int needed = _pool.BlocksFor(tokens);
        while (kv.Table.Count < needed)
        {
            int block = _pool.Allocate();
            if (block >= 0)
            {
                kv.Table.Add(block);
            }
            else if (LeastUsed() is { } other)
            {
                GiveUp(other);
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The one unused for longest that has blocks and no part in this call.</summary>
    private DraftKv? LeastUsed()
    {
        DraftKv? least = null;
        foreach (DraftKv kv in _held)
        {
            if (kv.LastUse < _calls && kv.Table.Count > 0 && kv.LastUse < (least?.LastUse ?? long.MaxValue))
            {
                least = kv;
            }
        }

        return least;
    }

    private void GiveUp(DraftKv kv)
    {
        _pool.ReleaseAll(kv.Table);
        kv.Forget();
    }
}
