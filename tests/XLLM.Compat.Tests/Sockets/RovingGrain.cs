using System.Collections.Concurrent;
using Orleans.Runtime;

namespace XLLM.Compat.Tests.Sockets;

/// <summary>Counts the activations that a grain has at one time.</summary>
public sealed class RovingGrain(ILocalSiloDetails silo) : Grain, IRovingGrain
{
    private static readonly ConcurrentDictionary<string, int> Alive = new();

    /// <summary>Grains that had two activations at once.</summary>
    public static ConcurrentQueue<string> Doubles { get; } = new();

    public Task<string> WhereAsync() => Task.FromResult($"{silo.SiloAddress} {GrainContext.ActivationId}");

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (Alive.AddOrUpdate(this.GetPrimaryKeyString(), 1, (_, n) => n + 1) > 1)
        {
            Doubles.Enqueue($"{this.GetPrimaryKeyString()} on {silo.SiloAddress}");
        }

        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Alive.AddOrUpdate(this.GetPrimaryKeyString(), 0, (_, n) => n - 1);
        return Task.CompletedTask;
    }
}
