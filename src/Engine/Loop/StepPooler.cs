using XLLM.Contracts.Requests;
using XLLM.Scheduling.Batching;

namespace XLLM.Engine.Loop;

/// <summary>Pools the hidden states of a step, in the order of its parts. The thread of the step.</summary>
internal static class StepPooler
{
    /// <summary>Takes the states [rows wanted, <paramref name="size"/>] to the requests they belong to.</summary>
    public static void Pool(StepFrame frame, ReadOnlySpan<float> states, int size)
    {
        for (int i = 0; i < frame.Count; i++)
        {
            ref PartResult result = ref frame.Results[i];
            if (result.Verdict != PartVerdict.Dropped && frame.Parts[i].Hidden > 0)
            {
                PoolPart(frame.Parts[i], ref result, states[(result.FirstHidden * size)..], size);
            }
        }
    }

    private static void PoolPart(StepPart part, ref PartResult result, ReadOnlySpan<float> states, int size)
    {
        EngineRequest request = (EngineRequest)part.Sequence;
        if (request.EndWish != RequestOutcome.None)
        {
            result.Verdict = PartVerdict.Dropped;
            return;
        }

        for (int row = 0; row < part.Hidden; row++)
        {
            if (!request.Pool!.TryAdd(part.Start + part.HiddenFrom + row, states.Slice(row * size, size)))
            {
                result.Verdict = PartVerdict.NotFinite;
                return;
            }
        }

        if (request.Pool!.IsComplete)
        {
            result.Verdict = PartVerdict.Pooled;
        }
    }
}
