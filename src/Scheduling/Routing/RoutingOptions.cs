using System.ComponentModel.DataAnnotations;
using XLLM.Scheduling.Roles;

namespace XLLM.Scheduling.Routing;

/// <summary>How requests are spread over instances.</summary>
public sealed class RoutingOptions : IValidatableObject
{
    /// <summary>Name of a policy in <see cref="RoutePlanners"/>.</summary>
    public string Policy { get; set; } = "cache-aware";

    /// <summary>cache-aware: weight of the share of the prompt an instance holds already, >= 0.</summary>
    public double PrefixWeight { get; set; } = 1;

    /// <summary>cache-aware: weight of an instance's idleness, >= 0.</summary>
    public double LoadWeight { get; set; } = 1;

    /// <summary>Waiting prompt tokens that weigh as much as a full batch, >= 1.</summary>
    public int PrefillScale { get; set; } = 8192;

    /// <summary>Instances tried before a request is refused, 1..16.</summary>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>slo-aware: time to the first token, seconds, for requests that name no objective of their own; > 0.</summary>
    public double TtftSeconds { get; set; } = 2;

    /// <summary>slo-aware: mean time between two tokens, seconds, for requests that name no objective of their own; > 0.</summary>
    public double TpotSeconds { get; set; } = 0.1;

    /// <summary>
    /// slo-aware: share of the objective up to which a predicted first token is taken at once; beyond it the next rule is tried. 0..1.
    /// </summary>
    public double TtftAcceptShare { get; set; } = 0.2;

    /// <summary>slo-aware: share of the objective up to which a predicted first token counts as in time, 0..1.</summary>
    public double TtftSafeShare { get; set; } = 0.8;

    /// <summary>slo-aware: share of the objective up to which a predicted interval between tokens counts as kept, 0..1.</summary>
    public double TpotSafeShare { get; set; } = 0.9;

    /// <summary>
    /// slo-aware: prompt and answer stay on one instance, whatever its pool, as long as one is predicted to keep both objectives.
    /// False = the pools alone say where prompts and answers go.
    /// </summary>
    public bool Colocate { get; set; } = true;

    /// <summary>
    /// slo-aware: a decode instance that keeps its pace takes a prompt when its first token is predicted within this share of the
    /// best prefill instance's time, by a held prefix or a queue there; 0 = only when no prefill instance is in time. 0..1.
    /// </summary>
    public double LendShare { get; set; } = 0.5;

    /// <summary>
    /// slo-aware: a request that will be late everywhere joins the longest queue in which its first token is predicted within so
    /// many times the objective, so that it makes no other late; 0 = never, it goes where it is quickest. 0..1000. What the others
    /// gain the late ones pay for: they wait up to so long.
    /// </summary>
    public double LateLimit { get; set; } = 30;

    /// <summary>slo-aware: prompt tokens an engine computes in a step beside its decodes, 1..1048576.</summary>
    public int ChunkTokens { get; set; } = 512;

    /// <summary>Rate at which KV moves between hosts, bytes a second, > 0. Within a host it is mapped and costs nothing.</summary>
    public double TransferBytesPerSecond { get; set; } = 1e9;

    /// <summary>Time until a transfer or a load begins, seconds, >= 0.</summary>
    public double TransferDelaySeconds { get; set; } = 1e-3;

    /// <summary>Rate at which KV comes back from host memory, bytes a second, > 0.</summary>
    public double HostBytesPerSecond { get; set; } = 4e9;

    /// <summary>Rate at which KV comes back from disk, bytes a second, > 0.</summary>
    public double DiskBytesPerSecond { get; set; } = 5e8;

    /// <summary>slo-aware: when instances change between prefill and decode.</summary>
    public RolePoolOptions Pools { get; set; } = new();

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!RoutePlanners.Names.Contains(Policy))
        {
            yield return new($"Policy is '{Policy}'; it must be one of {string.Join(", ", RoutePlanners.Names)}.");
        }

        if (!(PrefixWeight >= 0) || !double.IsFinite(PrefixWeight))
        {
            yield return new($"PrefixWeight is {PrefixWeight}; it must be 0 or more.");
        }

        if (!(LoadWeight >= 0) || !double.IsFinite(LoadWeight))
        {
            yield return new($"LoadWeight is {LoadWeight}; it must be 0 or more.");
        }

        if (PrefillScale < 1)
        {
            yield return new($"PrefillScale is {PrefillScale}; it must be 1 or more.");
        }

        if (MaxAttempts is < 1 or > 16)
        {
            yield return new($"MaxAttempts is {MaxAttempts}; it must be in 1..16.");
        }

        if (ChunkTokens is < 1 or > 1 << 20)
        {
            yield return new($"ChunkTokens is {ChunkTokens}; it must be in 1..{1 << 20}.");
        }

        if (!(TransferDelaySeconds >= 0) || !double.IsFinite(TransferDelaySeconds))
        {
            yield return new($"TransferDelaySeconds is {TransferDelaySeconds}; it must be 0 or more.");
        }

        if (!(LateLimit >= 0 && LateLimit <= 1000))
        {
            yield return new($"LateLimit is {LateLimit}; it must be in 0..1000.");
        }

        foreach ((string name, double share) in new[]
        {
            (nameof(TtftAcceptShare), TtftAcceptShare), (nameof(TtftSafeShare), TtftSafeShare), (nameof(TpotSafeShare), TpotSafeShare),
            (nameof(LendShare), LendShare),
        })
        {
            if (!(share >= 0 && share <= 1))
            {
                yield return new($"{name} is {share}; it must be in 0..1.");
            }
        }

        foreach ((string name, double value) in new[]
        {
            (nameof(TtftSeconds), TtftSeconds), (nameof(TpotSeconds), TpotSeconds),
            (nameof(TransferBytesPerSecond), TransferBytesPerSecond), (nameof(HostBytesPerSecond), HostBytesPerSecond),
            (nameof(DiskBytesPerSecond), DiskBytesPerSecond),
        })
        {
            if (!(value > 0) || !double.IsFinite(value))
            {
                yield return new($"{name} is {value}; it must be more than 0.");
            }
        }
    }
}
