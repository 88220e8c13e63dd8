namespace XLLM.Runtime.Tests.Grains;

public interface IBadConstructorGrain : IGrainWithStringKey
{
    Task CallAsync();
}
