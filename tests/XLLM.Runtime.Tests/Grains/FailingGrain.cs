namespace XLLM.Runtime.Tests.Grains;

public sealed class FailingGrain : Grain, IFailingGrain
{
    public Task ThrowCustomAsync() => throw new CustomException("custom", 42);

    public async Task ThrowAggregateAsync()
    {
        await Task.Yield();
        throw new AggregateException("several", new InvalidOperationException("first"), new ArgumentException("second"));
    }

    public Task ThrowNestedAsync() =>
        throw new InvalidOperationException("outer", new FormatException("middle", new CustomException("inner", 7)));

    public Task ThrowLocalOnlyAsync() => throw new LocalOnlyException("stays at home");

    public Task<object> ReturnUnserializableAsync() => Task.FromResult<object>(new Unserializable());
}
