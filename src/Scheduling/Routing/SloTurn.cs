using XLLM.Contracts.Ids;
using XLLM.Scheduling.Fleet;
using XLLM.Scheduling.Roles;

namespace XLLM.Scheduling.Routing;

/// <summary>One decision of the slo-aware policy while it is made.</summary>
internal sealed record SloTurn(
    RouteContext Context, IReadOnlyList<Candidate> Candidates, RolePools Pools, double TtftSeconds, double TpotSeconds)
{
    public int PromptTokens => Context.Request.PromptTokens + Context.Request.ResumedTokens;

    public IReadOnlyList<InstanceView> Views { get; } = [.. Candidates.Select(c => c.View)];

    public Candidate Of(InstanceId instance) => Candidates.First(c => c.View.Id == instance);
}
