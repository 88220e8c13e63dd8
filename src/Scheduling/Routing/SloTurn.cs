using XLLM.Contracts.Ids;
using XLLM.Scheduling.Fleet;
using XLLM.Scheduling.Roles;

namespace XLLM.Scheduling.Routing;

/// <summary>One decision of the slo-aware policy while it is made.</summary>
/// <param name="context">What it depends on.</param>
/// <param name="all">Instances that serve the model.</param>
/// <param name="candidates">Those of them that may take the request.</param>
/// <param name="pools">The model's.</param>
/// <param name="ttftSeconds">Objective for the first token.</param>
/// <param name="tpotSeconds">Objective between two tokens.</param>
internal sealed class SloTurn(
    RouteContext context, IReadOnlyList<InstanceView> all, IReadOnlyList<Candidate> candidates, RolePools pools, double ttftSeconds,
    double tpotSeconds)
{
    public RouteContext Context => context;

    public RolePools Pools => pools;

    public double TtftSeconds => ttftSeconds;

    public double TpotSeconds => tpotSeconds;

    public int PromptTokens => context.Request.PromptTokens + context.Request.ResumedTokens;

    public IReadOnlyList<Candidate> Candidates { get; private set; } = candidates;

    public IReadOnlyList<InstanceView> Views { get; } = [.. candidates.Select(c => c.View)];

    public Candidate Of(InstanceId instance) => Candidates.First(c => c.View.Id == instance);

    /// <summary>Prompts and decodes are kept apart from here on: decode may get another instance first.</summary>
    public void Apart()
    {
        pools.HelpDecode(all, tpotSeconds, context.Now);
        Candidates = [.. Candidates.Select(c => c with { Pool = pools.Of(c.View.Id) ?? c.Pool })];
    }
}
