using XLLM.Engine.Loop;
using XLLM.Scheduling.Speculation;

namespace XLLM.Engine.Speculation;

/// <summary>
/// What speculation knows of one request: its proposal for the next tokens, and how well earlier ones did. Reused for later
/// requests. Engine's thread.
/// </summary>
internal sealed class DraftSlot(int maxDraftTokens)
{
    private EngineRequest? _request;

    public EngineRequest Request => _request ?? throw new InvalidOperationException("The slot is free.");

    /// <summary>Proposed tokens, [0, <see cref="Count"/>).</summary>
    public int[] Tokens { get; } = new int[maxDraftTokens];

    /// <summary>The source's probability of each proposed token and all before it together.</summary>
    public float[] Probabilities { get; } = new float[maxDraftTokens];

    public int Count { get; set; }

    /// <summary>Tokens of the text's end that the proposal follows, by which it is judged; 0 = a model's guess.</summary>
    public int Match { get; set; }

    /// <summary>Most tokens the source may propose now.</summary>
    public int Limit { get; set; }

    /// <summary>A guess below this probability, all before it included, needs no guess after it.</summary>
    public float Least { get; set; }

    /// <summary>The proposal follows this many known tokens; -1 = there is none.</summary>
    public int At { get; set; } = -1;

    /// <summary>How far the probabilities hold.</summary>
    public AcceptanceRate Rate;

    /// <summary>What the source keeps for the request.</summary>
    public object? State { get; set; }

    /// <summary>The proposal is for the request as it is now.</summary>
    public bool IsCurrent => At == Request.Count;

    public void Take(EngineRequest request)
    {
        _request = request;
        Rate = default;
        Count = 0;
        At = -1;
    }

    public void Free() => _request = null;

    /// <summary>Begins a proposal after the tokens known now.</summary>
    public void Begin()
    {
        At = Request.Count;
        Count = 0;
        Match = 0;
    }
}
