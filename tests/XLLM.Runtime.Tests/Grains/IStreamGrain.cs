namespace XLLM.Runtime.Tests.Grains;

public interface IStreamGrain : IGrainWithStringKey
{
    IAsyncEnumerable<int> CountAsync(int to);

    IAsyncEnumerable<int> FailAfterAsync(int items);

    /// <summary>Gives one item, then waits for "{key} go on".</summary>
    IAsyncEnumerable<int> WaitAsync(CancellationToken cancellationToken = default);

    Task EndAsync();
}
