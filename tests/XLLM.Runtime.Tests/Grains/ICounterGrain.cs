using Orleans.Concurrency;

namespace XLLM.Runtime.Tests.Grains;

[Alias("tests.ICounterGrain")]
public interface ICounterGrain : IGrainWithStringKey
{
    /// <summary>Reads, awaits, writes: loses counts unless turns exclude each other.</summary>
    Task IncrementAsync();

    Task<int> GetAsync();

    [AlwaysInterleave]
    Task<string> GetActivationIdAsync();

    [AlwaysInterleave]
    Task<SiloAddressText> WhereAsync();
}
