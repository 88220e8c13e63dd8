using XLLM.Contracts.Ids;

namespace XLLM.Scheduling.Roles;

/// <summary>A move between pools.</summary>
/// <param name="Instance">The instance that moved.</param>
/// <param name="From">Pool it left; null = it joined the fleet.</param>
/// <param name="To">Pool it is in now; null = it left the fleet.</param>
/// <param name="Rule">Name of the rule that moved it, one of <see cref="PoolRules"/>.</param>
/// <param name="At">When.</param>
public readonly record struct PoolMove(InstanceId Instance, InstancePool? From, InstancePool? To, string Rule, DateTimeOffset At)
{
    public override string ToString() =>
        $"{Instance} {From?.ToString() ?? "-"} -> {To?.ToString() ?? "-"} ({Rule})";
}
