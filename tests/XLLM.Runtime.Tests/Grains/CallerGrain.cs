namespace XLLM.Runtime.Tests.Grains;

public sealed class CallerGrain : Grain, ICallerGrain
{
    public Task HoldOtherAsync(IBusyGrain other, string name) => other.HoldReadingAsync(name);
}
