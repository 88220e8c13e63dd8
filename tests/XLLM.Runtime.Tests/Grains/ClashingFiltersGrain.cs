using Orleans.Runtime;

namespace XLLM.Runtime.Tests.Grains;

[RecordingFilter(10), OtherRecordingFilter(10)]
public sealed class ClashingFiltersGrain(ILocalSiloDetails silo) : Grain, IClashingFiltersGrain
{
    public Task<string> WhereAsync() => Task.FromResult(silo.SiloAddress.ToString());
}
