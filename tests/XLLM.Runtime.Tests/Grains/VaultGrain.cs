using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests.Grains;

public sealed class VaultGrain(
    [PersistentState("vault", "memory")] IPersistentState<StoredValue> state,
    [FromKeyedServices("memory")] IGrainStorage storage) : Grain, IVaultGrain
{
    public Task<string?> GetAsync() => Task.FromResult(state.State.Text);

    public Task<bool> ExistsAsync() => Task.FromResult(state.RecordExists);

    public Task<string> ActivationAsync() => Task.FromResult(GrainContext.ActivationId.ToString());

    public Task SetAsync(string value)
    {
        state.State.Text = value;
        return state.WriteStateAsync();
    }

    public Task ClearAsync() => state.ClearStateAsync();

    public async Task WriteStaleAsync()
    {
        // Somebody else writes behind this activation's back.
        var other = new GrainState<StoredValue>();
        await storage.ReadStateAsync("vault", this.GetGrainId(), other);
        other.State = new StoredValue { Text = "other" };
        await storage.WriteStateAsync("vault", this.GetGrainId(), other);
        await SetAsync("mine");
    }

    public Task EndAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Facts.Set($"{this.GetPrimaryKeyString()} deactivated", reason.ReasonCode);
        return Task.CompletedTask;
    }
}
