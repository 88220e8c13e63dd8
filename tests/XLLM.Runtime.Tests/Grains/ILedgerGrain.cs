namespace XLLM.Runtime.Tests.Grains;

public interface ILedgerGrain : IGrainWithIntegerKey
{
    Task<int> AddAsync(int amount);

    Task EndAsync();

    Task<string> ActivationAsync();
}
