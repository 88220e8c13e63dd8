using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace XLLM.Testing.SiloHost;

[GrainType("mark")]
public sealed class MarkGrain(
    [PersistentState("mark")] IPersistentState<MarkState> state, ILocalSiloDetails silo, ISiloMetadataCache metadata) : Grain, IMarkGrain
{
    private int _count;
    private bool _wasCancelled;

    public Task<string> WhereAsync() => Task.FromResult(silo.SiloAddress.ToParsableString());

    public Task<int> ProcessIdAsync() => Task.FromResult(Environment.ProcessId);

    public Task<string> ActivationAsync() => Task.FromResult(GrainContext.ActivationId.ToString());

    public Task<int> CountAsync() => Task.FromResult(++_count);

    public async Task<int> CountStoredAsync()
    {
        state.State.Count++;
        await state.WriteStateAsync();
        return state.State.Count;
    }

    public Task<byte[]> EchoAsync(byte[] bytes) => Task.FromResult(bytes);

    public async Task WaitAsync(CancellationToken token)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, token);
        }
        finally
        {
            _wasCancelled = token.IsCancellationRequested;
        }
    }

    public Task<bool> WasCancelledAsync() => Task.FromResult(_wasCancelled);

    public async IAsyncEnumerable<int> NumbersAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }

    public async Task NotifyAsync(IMarkListener listener, int count)
    {
        for (int i = 0; i < count; i++)
        {
            await listener.OnAsync(i);
        }
    }

    public Task<string> WhereIsAsync(string key) => GrainFactory.GetGrain<IMarkGrain>(key).WhereAsync();

    public Task<string?> MetadataOfAsync(string silo, string name) =>
        Task.FromResult(metadata.GetSiloMetadata(SiloAddress.FromParsableString(silo)).Metadata.GetValueOrDefault(name));

    public Task MoveAsync()
    {
        MigrateOnIdle();
        return Task.CompletedTask;
    }
}
