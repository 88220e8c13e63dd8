namespace XLLM.Runtime.Tests.Grains;

public sealed class BadConstructorGrain : Grain, IBadConstructorGrain
{
    public BadConstructorGrain()
    {
        throw new CustomException("constructor", 1);
    }

    public Task CallAsync() => Task.CompletedTask;
}
