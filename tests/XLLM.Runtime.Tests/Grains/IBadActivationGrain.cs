namespace XLLM.Runtime.Tests.Grains;

public interface IBadActivationGrain : IGrainWithStringKey
{
    Task CallAsync();
}
