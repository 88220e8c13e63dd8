namespace XLLM.Runtime.Tests.Grains;

public interface IFailingGrain : IGrainWithStringKey
{
    Task ThrowCustomAsync();

    Task ThrowAggregateAsync();

    Task ThrowNestedAsync();

    Task ThrowLocalOnlyAsync();

    Task<object> ReturnUnserializableAsync();
}
