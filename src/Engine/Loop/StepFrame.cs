using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Scheduling.Batching;

namespace XLLM.Engine.Loop;

/// <summary>
/// One step from its plan to its results. Three of them go round: one runs, one is prepared, one is being committed. Owned by
/// the engine's thread, and by the one that runs the step from its launch until <see cref="IsDone"/>.
/// </summary>
internal sealed class StepFrame
{
    private readonly StepPart[] _parts;
    private readonly PartResult[] _results;
    private readonly int[] _sources;
    private readonly GeneratedToken[] _accepted;
    private volatile bool _isDone;
    private volatile bool _isComputing;

    public StepFrame(int maxTokens, int maxSequences, int roomInBlocks)
    {
        Input = new StepInput(maxTokens, maxSequences, roomInBlocks);
        _parts = new StepPart[maxSequences];
        _results = new PartResult[maxSequences];
        _sources = new int[maxSequences];
        _accepted = new GeneratedToken[maxTokens];
    }

    public StepInput Input { get; }

    /// <summary>What is to be done to KV memory before and while the step runs.</summary>
    public MemoryOrders Memory { get; } = new();

    /// <summary>Parts as planned; those dropped before the launch stay in here.</summary>
    public ReadOnlySpan<StepPart> Parts => _parts.AsSpan(0, Count);

    /// <summary>One result a part.</summary>
    public Span<PartResult> Results => _results.AsSpan(0, Count);

    /// <summary>Room for the tokens of a part's draft that came true, by its first row of logits; the first are valid.</summary>
    public Span<GeneratedToken> Accepted(in PartResult result) => _accepted.AsSpan(result.FirstOutput);

    /// <summary>Frames are numbered as they are planned. Engine's thread.</summary>
    public long Ticket { get; set; }

    public int Count { get; private set; }

    public int Tokens { get; private set; }

    public int Outputs { get; private set; }

    /// <summary>The step after this one can be planned before its tokens are known.</summary>
    public bool IsPredictable { get; private set; }

    /// <summary>The step whose tokens the placeholders wait for; null when every token is known.</summary>
    public StepFrame? Before { get; private set; }

    /// <summary>The step that was launched at once after this one; null = none was ready. Valid when done.</summary>
    public StepFrame? Successor { get; set; }

    /// <summary>It was planned while the step before it ran, and launched as soon as that had ended. Valid when done.</summary>
    public bool WasQueued { get; set; }

    /// <summary>What the runner threw.</summary>
    public Exception? Error { get; set; }

    /// <summary>The runner's counts after the step; zeros when it failed.</summary>
    public StepGraphCounts Graphs { get; set; }

    /// <summary>Timestamps of the runner's call and return.</summary>
    public long Started { get; set; }

    public long Ended { get; set; }

    /// <summary>Timestamp at which its tokens were drawn; from here on the device has nothing to do for it.</summary>
    public long Sampled { get; set; }

    /// <summary>The runner is at work on it; what the runner says of layers is about this step while that is so. Any thread.</summary>
    public bool IsComputing
    {
        get => _isComputing;
        set => _isComputing = value;
    }

    /// <summary>Run and sampled; what it holds may be read.</summary>
    public bool IsDone
    {
        get => _isDone;
        set => _isDone = value;
    }

    /// <summary>Takes parts [first, first + count) of a plan. Tokens that <paramref name="before"/> will give are placeholders.</summary>
    public void Build(IReadOnlyList<StepPart> parts, int first, int count, StepFrame? before)
    {
        _isDone = false;
        (Before, Successor, Error, Count, Tokens, Outputs) = (null, null, null, count, 0, 0);
        IsPredictable = true;
        WasQueued = false;
        Input.Clear();
        Memory.Clear();
        for (int i = 0; i < count; i++)
        {
            StepPart part = parts[first + i];
            _parts[i] = part;
            _sources[i] = -1;
            _results[i] = new PartResult { FirstOutput = Outputs };
            Tokens += part.Tokens;
            Outputs += part.Outputs;
            IsPredictable &= part.Draft == 0 && ((EngineRequest)part.Sequence).IsPredictable;
            Span<int> tokens = Input.Add(part.Tokens, part.Start, part.Sequence.Table.Blocks.Span, part.Outputs, part.Sequence.Range);
            Input.WantHidden(part.HiddenFrom, part.Hidden);
            int known = Math.Min(part.Tokens, part.Sequence.Count + part.Draft - part.Start);
            part.Sequence.Input(part.Start, known).CopyTo(tokens);
            if (known < part.Tokens)
            {
                tokens[known] = StepInput.Placeholder;
                _sources[i] = ((EngineRequest)part.Sequence).RunningPart;
                Before = before ?? throw new InvalidOperationException("A placeholder needs a step that runs.");
            }
        }
    }

    /// <summary>
    /// Puts the tokens of the step before in place, and drops the parts of requests that ended or were paused. To be called
    /// when that step is sampled and before this one runs, by the thread that runs it.
    /// </summary>
    public void Settle()
    {
        int row = 0;
        int hidden = 0;
        int sequence = 0;
        for (int i = 0; i < Count; i++)
        {
            ref PartResult result = ref _results[i];
            if (IsWanted(i))
            {
                result.FirstOutput = row;
                row += _parts[i].Outputs;
                result.FirstHidden = hidden;
                hidden += _parts[i].Hidden;
                if (_sources[i] >= 0)
                {
                    Input.SetLastToken(sequence, Before!._results[_sources[i]].Token.Id);
                }

                sequence++;
            }
            else
            {
                result.FirstOutput = -1;
                result.Verdict = PartVerdict.Dropped;
                Input.RemoveAt(sequence);
            }
        }

        Before = null;
    }

    private bool IsWanted(int part)
    {
        EngineRequest request = (EngineRequest)_parts[part].Sequence;
        return !request.WantsRest
            && (_sources[part] < 0 || Before!._results[_sources[part]].Verdict == PartVerdict.Computed);
    }
}
