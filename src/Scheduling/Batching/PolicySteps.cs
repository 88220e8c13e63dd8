using XLLM.Contracts.Requests;

namespace XLLM.Scheduling.Batching;

/// <summary>The parts that policies are put together from.</summary>
internal static class PolicySteps
{
    /// <summary>One token for every sequence that decodes.</summary>
    public static void Decodes(IBatchStep step)
    {
        for (int i = 0; i < step.Running.Count && step.TokensLeft > 0;)
        {
            Sequence sequence = step.Running[i];
            if (sequence.Pending == 1)
            {
                step.TrySchedule(sequence, 1);
            }

            i = Next(step, sequence, i);
        }
    }

    /// <summary>As much as fits of every sequence that has more than one token pending.</summary>
    public static void Prefills(IBatchStep step)
    {
        for (int i = 0; i < step.Running.Count && step.TokensLeft > 0;)
        {
            Sequence sequence = step.Running[i];
            if (sequence.Pending > 1)
            {
                step.TrySchedule(sequence, step.TokensLeft);
            }

            i = Next(step, sequence, i);
        }
    }

    /// <summary>New sequences while they fit. Offline ones only when no online one waits.</summary>
    public static void Admissions(IBatchStep step)
    {
        AdmitResult online;
        do
        {
            online = step.TryAdmit(RequestPriority.Online, step.TokensLeft);
        }
        while (online == AdmitResult.Admitted);

        while (online == AdmitResult.Empty && step.TryAdmit(RequestPriority.Offline, step.TokensLeft) == AdmitResult.Admitted)
        {
        }
    }

    // The sequence at the index may have left the batch, and paused ones before it too.
    private static int Next(IBatchStep step, Sequence sequence, int index)
    {
        for (int i = Math.Min(index, step.Running.Count - 1); i >= 0; i--)
        {
            if (step.Running[i] == sequence)
            {
                return i + 1;
            }
        }

        return Math.Min(index, step.Running.Count);
    }
}
