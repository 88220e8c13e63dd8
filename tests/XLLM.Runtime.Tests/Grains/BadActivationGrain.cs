namespace XLLM.Runtime.Tests.Grains;

public sealed class BadActivationGrain : Grain, IBadActivationGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken) => throw new CustomException("activation", 2);

    public Task CallAsync() => Task.CompletedTask;
}
