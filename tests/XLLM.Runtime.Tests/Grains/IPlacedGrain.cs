namespace XLLM.Runtime.Tests.Grains;

public interface IPlacedGrain : IGrainWithStringKey
{
    Task<string> WhereAsync();
}
