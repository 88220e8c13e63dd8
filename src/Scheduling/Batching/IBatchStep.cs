using XLLM.Contracts.Requests;

namespace XLLM.Scheduling.Batching;

/// <summary>
/// A step in the making, as a policy sees it. Budgets, blocks and pre-emption are kept right by the calls themselves: a policy
/// can be unwise, not wrong.
/// </summary>
public interface IBatchStep
{
    /// <summary>
    /// The batch: online before offline, then by arrival. A call may shorten it from its end, or remove the sequence asked for.
    /// </summary>
    IReadOnlyList<Sequence> Running { get; }

    /// <summary>Tokens the step can still take.</summary>
    int TokensLeft { get; }

    /// <summary>Tokens in the step so far.</summary>
    int TokensPlanned { get; }

    /// <summary>
    /// Puts up to <paramref name="maxTokens"/> pending tokens of a running sequence into the step. When blocks run out, later
    /// sequences lose theirs, and at last the sequence itself. False = none of its tokens are in the step.
    /// </summary>
    bool TrySchedule(Sequence sequence, int maxTokens);

    /// <summary>
    /// Admits the first waiting sequence of the class and puts up to <paramref name="maxTokens"/> of its tokens into the step.
    /// An online sequence may take blocks and place of offline ones.
    /// </summary>
    AdmitResult TryAdmit(RequestPriority priority, int maxTokens);
}
