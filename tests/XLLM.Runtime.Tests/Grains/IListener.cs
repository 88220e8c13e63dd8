using Orleans.Concurrency;

namespace XLLM.Runtime.Tests.Grains;

[Alias("tests.IListener")]
public interface IListener : IGrainObserver
{
    [OneWay]
    Task OnHeardAsync(string what);

    Task<int> AskAsync(int number);
}
