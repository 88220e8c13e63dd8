namespace XLLM.Scheduling.Batching;

/// <summary>Decides what a step computes: a name and one method. Stateless; the same state gives the same plan.</summary>
public interface IBatchPolicy
{
    /// <summary>Name in the configuration, e.g. <c>decode-first</c>.</summary>
    string Name { get; }

    /// <summary>Chooses, by calls on <paramref name="step"/>, whose tokens go into the step. Called once per step.</summary>
    void Plan(IBatchStep step);
}
