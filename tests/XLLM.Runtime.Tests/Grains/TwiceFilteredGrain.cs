using Orleans.Runtime;

namespace XLLM.Runtime.Tests.Grains;

[RecordingFilter(20), OtherRecordingFilter(10)]
public sealed class TwiceFilteredGrain(ILocalSiloDetails silo) : Grain, ITwiceFilteredGrain
{
    public Task<string> WhereAsync() => Task.FromResult(silo.SiloAddress.ToString());
}
