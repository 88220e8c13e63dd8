using XLLM.Scheduling.Pages;

namespace XLLM.Scheduling.Batching;

/// <summary>What one step computes, and what was decided on the way. Reused from step to step. One thread.</summary>
public sealed class StepPlan
{
    private readonly List<StepPart> _parts = [];
    private readonly List<BatchDecision> _decisions = [];

    public IReadOnlyList<StepPart> Parts => _parts;

    public IReadOnlyList<BatchDecision> Decisions => _decisions;

    /// <summary>What has to be copied before the step runs, in this order.</summary>
    public List<BlockCopy> Copies { get; } = [];

    /// <summary>What has to be mapped before the step runs, in this order.</summary>
    public List<PageMapping> Mappings { get; } = [];

    /// <summary>What can be mapped while the step runs: the places the next step is likely to need.</summary>
    public List<PageMapping> MappingsAhead { get; } = [];

    public int Tokens { get; private set; }

    /// <summary>Rows whose logits are wanted.</summary>
    public int Outputs { get; private set; }

    public void Clear()
    {
        _parts.Clear();
        _decisions.Clear();
        Copies.Clear();
        Mappings.Clear();
        MappingsAhead.Clear();
        Tokens = 0;
        Outputs = 0;
    }

    internal void Add(StepPart part)
    {
        _parts.Add(part);
        part.Sequence.Planned = part.Tokens;
        Tokens += part.Tokens;
        Outputs += part.Outputs;
    }

    /// <summary>Adds guesses after the tokens of a part.</summary>
    internal void Extend(int part, int draft)
    {
        StepPart longer = _parts[part];
        _parts[part] = longer with
        {
            Tokens = longer.Tokens + draft,
            Outputs = longer.Outputs + draft,
            Draft = longer.Draft + draft,
        };
        Tokens += draft;
        Outputs += draft;
    }

    internal void Remove(Sequence sequence)
    {
        for (int i = 0; i < _parts.Count; i++)
        {
            if (_parts[i].Sequence == sequence)
            {
                Tokens -= _parts[i].Tokens;
                Outputs -= _parts[i].Outputs;
                sequence.Planned = 0;
                _parts.RemoveAt(i);
                return;
            }
        }
    }

    internal void Note(BatchDecision decision) => _decisions.Add(decision);
}
