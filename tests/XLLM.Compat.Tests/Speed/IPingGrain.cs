namespace XLLM.Compat.Tests.Speed;

public interface IPingGrain : IGrainWithStringKey
{
    Task<int> PingAsync(int number);
}
