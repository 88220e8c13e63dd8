using System.Collections.Concurrent;
using Orleans.Concurrency;
using Orleans.Runtime;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests.Grains;

[StatelessWorker(3)]
public sealed class WorkerGrain(ILocalSiloDetails silo) : Grain, IWorkerGrain
{
    private static readonly ConcurrentDictionary<string, int> Inside = new();

    public Task<string> WhereAsync() => Task.FromResult(silo.SiloAddress.ToString());

    public Task<string> ActivationAsync() => Task.FromResult(GrainContext.ActivationId.ToString());

    public async Task MeetAsync(string name, int count)
    {
        if (Inside.AddOrUpdate(name, 1, (_, n) => n + 1) == count)
        {
            Facts.Set($"{name} met");
        }

        await Facts.WaitAsync($"{name} met");
    }
}
